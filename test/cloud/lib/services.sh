# One block per service: X_pkgs, X_setup (once: databases, keys), X_start, X_ready.
# Sourced after common.sh.

infra_pkgs="mariadb-server-core mariadb-client-core rabbitmq-server memcached
  uwsgi-core uwsgi-plugin-python3
  python3-requests python3-sqlalchemy-ext python3-memcache python3-pymysql python3-kombu curl procps util-linux"

infra_start() {
  configure common
  configure infra
  chmod 600 "$ETC"/{common,infra}/*
  mkdir -p "$DATA"/{mysql,rabbit} "$RUN/locks"

  [[ -d $DATA/mysql/mysql ]] ||
    mariadb-install-db --no-defaults --user=root --datadir="$DATA/mysql" \
      --auth-root-authentication-method=normal --skip-test-db >> "$LOG/setup.log" 2>&1 ||
    die "mariadb-install-db failed, see $LOG/setup.log"
  start mariadb mariadbd --defaults-file="$ETC/infra/my.cnf"
  start memcached memcached -u root -l "$HOST" -p $MEMCACHE_PORT -m 128

  # the broker gets its own port mapper, so that `down` can stop it as well
  export HOME=$DATA/rabbit ERL_EPMD_PORT=$EPMD_PORT ERL_EPMD_ADDRESS=$HOST
  start epmd epmd -address "$HOST" -port $EPMD_PORT
  wait_for epmd 20 port_open $EPMD_PORT
  start rabbitmq env RABBITMQ_NODENAME=devcloud@localhost \
    RABBITMQ_CONFIG_FILE="$ETC/infra/rabbitmq.conf" RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_MNESIA_BASE="$DATA/rabbit/mnesia" RABBITMQ_LOG_BASE="$LOG" RABBITMQ_LOGS="$LOG/rabbitmq.log" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$DATA/rabbit/enabled_plugins" \
    RABBITMQ_DIST_PORT=25672 RABBITMQ_PID_FILE="$DATA/rabbit/pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}" \
    /usr/lib/rabbitmq/bin/rabbitmq-server
  export HOME=/root

  wait_for mariadb 60 port_open "$DB_PORT"
  once db-user sql "CREATE USER IF NOT EXISTS openstack@'%' IDENTIFIED BY '$PASS';
    GRANT ALL PRIVILEGES ON *.* TO openstack@'%'" || die "cannot create the database user"
  wait_for memcached 10 port_open $MEMCACHE_PORT
  wait_for rabbitmq 90 port_open "$MQ_PORT"
}

# --- keystone --------------------------------------------------------------
keystone_pkgs="python3-keystone"
keystone_setup() {
  mkdir -p "$DATA/keystone"
  create_db keystone
  local conf="--config-file $ETC/keystone/keystone.conf"
  tool keystone-manage $conf db_sync
  tool keystone-manage $conf fernet_setup --keystone-user root --keystone-group root
  tool keystone-manage $conf credential_setup --keystone-user root --keystone-group root
  tool keystone-manage $conf bootstrap --bootstrap-password admin-secret \
    --bootstrap-region-id "$REGION" --bootstrap-admin-url "http://$HOST:5000/v3" \
    --bootstrap-internal-url "http://$HOST:5000/v3" --bootstrap-public-url "http://$HOST:5000/v3"
}
keystone_start() {
  OS_KEYSTONE_CONFIG_FILES=$ETC/keystone/keystone.conf \
    wsgi keystone 5000 3 "keystone.server.wsgi:initialize_public_application()"
}

# --- glance ----------------------------------------------------------------
glance_pkgs="python3-glance glance-common"
glance_setup() {
  mkdir -p "$DATA"/glance/{images,staging,tasks}
  create_db glance
  tool glance-manage --config-file "$ETC/glance/glance.conf" db_sync
  tool glance-manage --config-file "$ETC/glance/glance.conf" db_load_metadefs /etc/glance/metadefs
}
glance_start() { daemon glance-api glance-api glance; }

# --- placement -------------------------------------------------------------
placement_pkgs="python3-placement"
placement_setup() {
  create_db placement
  tool placement-manage --config-file "$ETC/placement/placement.conf" db sync
}
placement_start() {
  OS_PLACEMENT_CONFIG_DIR=$ETC/placement wsgi placement 8778 1 "placement.wsgi:init_application()"
}

# --- nova ------------------------------------------------------------------
nova_pkgs="python3-nova nova-common"
nova_setup() {
  create_db nova_api nova nova_cell0
  local conf="--config-file $ETC/common/common.conf --config-file $ETC/nova/nova.conf"
  local db="mysql+pymysql://openstack:$PASS@$HOST:$DB_PORT"
  tool nova-manage $conf api_db sync
  tool nova-manage $conf cell_v2 map_cell0 --database_connection "$db/nova_cell0"
  tool nova-manage $conf db sync
  once nova-cell1 tool nova-manage $conf cell_v2 create_cell --name cell1
}
nova_start() {
  mkdir -p "$DATA/nova"
  daemon nova-api nova-api nova
  daemon nova-conductor nova-conductor nova
  daemon nova-scheduler nova-scheduler nova
}
# compute hosts register themselves in placement as they start, so they come last
nova_late() {
  local i
  for ((i = 1; i <= COMPUTES; i++)); do
    COMPUTE=compute-$i
    mkdir -p "$DATA/nova/$COMPUTE"
    render "$HERE/conf/compute.conf" "$ETC/nova/$COMPUTE.conf"
    daemon "nova-$COMPUTE" devcloud-nova-compute nova --config-file "$ETC/nova/$COMPUTE.conf"
  done
}

# --- neutron ---------------------------------------------------------------
neutron_pkgs="python3-neutron neutron-common"
neutron_setup() {
  create_db neutron
  tool neutron-db-manage --config-file "$ETC/common/common.conf" \
    --config-file "$ETC/neutron/neutron.conf" upgrade heads
}
neutron_start() {
  mkdir -p "$DATA/neutron"
  [[ -e $ETC/neutron-policy.yaml ]] ||
    /usr/bin/python3 "$PY/neutron_policy.py" > "$ETC/neutron-policy.yaml" || die "no neutron policy"
  daemon neutron-server neutron-server neutron
}

# --- cinder ----------------------------------------------------------------
cinder_pkgs="python3-cinder cinder-common"
cinder_setup() {
  create_db cinder
  tool cinder-manage --config-file "$ETC/common/common.conf" --config-file "$ETC/cinder/cinder.conf" db sync
}
cinder_start() {
  mkdir -p "$DATA/cinder"
  daemon cinder-api cinder-api cinder
  daemon cinder-scheduler cinder-scheduler cinder
  daemon cinder-volume cinder-volume cinder
}
