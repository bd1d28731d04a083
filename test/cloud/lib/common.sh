# Settings and helpers shared by up, down, status and seed. Sourced, not run.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin    # the distribution's python3, nothing else
export LC_ALL=C.UTF-8
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV

STATE=${CLOUD_STATE:-/var/lib/stratograph-cloud}
PASS=${CLOUD_PASSWORD:-devcloud}          # database, message queue and service users
COMPUTES=${CLOUD_COMPUTES:-3}             # fake compute hosts, one process each
REGION=RegionOne
HOST=127.0.0.1
DB_PORT=${CLOUD_DB_PORT:-3306}
MQ_PORT=${CLOUD_MQ_PORT:-5672}
MEMCACHE_PORT=11222
EPMD_PORT=14369

ETC=$STATE/etc LOG=$STATE/log RUN=$STATE/run DATA=$STATE/data DONE=$STATE/done
PY=$HERE/py
export PYTHONPATH=$PY PYTHONDONTWRITEBYTECODE=1   # leave no __pycache__ beside the sources

SERVICES="keystone glance placement nova neutron cinder"

declare -A PORT=([keystone]=5000 [glance]=9292 [placement]=8778 [nova]=8774 [neutron]=9696 [cinder]=8776)

# the process which listens on that port
declare -A MAIN=([keystone]=keystone [glance]=glance-api [placement]=placement [nova]=nova-api
  [neutron]=neutron-server [cinder]=cinder-api)

say()  { printf '%s  %s\n' "$(date +%T)" "$*"; }
die()  { say "ERROR: $*" >&2; exit 1; }

# --- processes -------------------------------------------------------------

# A pid file holds "pid starttime": the start time (field 22 of /proc/PID/stat)
# makes sure that a reused pid is never taken for one of ours.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

is_running() {
  local pid started
  read -r pid started 2>/dev/null < "$RUN/$1.pid" || return 1
  [[ -n $started && $(start_time "$pid") == "$started" ]]
}

STARTED=                                     # names of what this run has started

# start NAME COMMAND...: run in its own session (its pid is its process group)
start() {
  local name=$1 pid; shift
  is_running "$name" && return 0
  cd /
  setsid nohup "$@" >> "$LOG/$name.out" 2>&1 < /dev/null 9>&- &
  pid=$!
  cd "$OLDPWD"
  disown "$pid"
  echo "$pid $(start_time "$pid")" > "$RUN/$name.pid"
  STARTED+=" $name "
}

# stop NAME: TERM to the process group, KILL after a while
stop() {
  local name=$1 pid _ i
  if is_running "$name"; then
    read -r pid _ < "$RUN/$name.pid"
    kill -TERM -- "-$pid" 2>/dev/null
    for ((i = 0; i < ${2:-150}; i++)); do
      is_running "$name" || break
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null
  fi
  rm -f "$RUN/$name.pid"
}

port_open() { (exec 3<> "/dev/tcp/$HOST/$1") 2>/dev/null; }

# wait_for NAME SECONDS COMMAND...: poll until COMMAND succeeds or NAME dies
wait_for() {
  local name=$1 end=$((SECONDS + $2)); shift 2
  until "$@"; do
    is_running "$name" || { tail -n 20 "$LOG/$name.out" >&2; die "$name died, see $LOG/$name.*"; }
    ((SECONDS < end)) || die "$name does not answer, see $LOG/$name.*"
    sleep 0.3
  done
}

http_code() { curl -s -o /dev/null -m 5 -w '%{http_code}' "http://$HOST:$1${2:-/}"; }
answers()   { [[ $(http_code "$1") =~ ^[234] ]]; }

# --- configuration ---------------------------------------------------------

# render TEMPLATE TARGET: replace @NAME@ by the value of the variable NAME
render() {
  mkdir -p "$(dirname "$2")"
  sed -e "s|@STATE@|$STATE|g; s|@ETC@|$ETC|g; s|@LOG@|$LOG|g; s|@RUN@|$RUN|g; s|@DATA@|$DATA|g" \
      -e "s|@PASS@|$PASS|g; s|@REGION@|$REGION|g; s|@HOST@|$HOST|g; s|@PY@|$PY|g" \
      -e "s|@DB_PORT@|$DB_PORT|g; s|@MQ_PORT@|$MQ_PORT|g; s|@MEMCACHE_PORT@|$MEMCACHE_PORT|g" \
      -e "s|@COMPUTE@|${COMPUTE:-}|g" "$1" > "$2.new"
  mv "$2.new" "$2"
}

# render every template of a service into $ETC/SERVICE
configure() {
  local f
  for f in "$HERE/conf/$1"/*; do render "$f" "$ETC/$1/$(basename "$f")"; done
}

# once MARKER COMMAND...: run a step that must happen one single time
once() {
  local marker=$DONE/$1; shift
  [[ -e $marker ]] && return 0
  "$@" && touch "$marker"
}

sql() { mariadb --no-defaults --protocol=tcp -h "$HOST" -P "$DB_PORT" -u root -N -e "$*"; }

create_db() {
  local db
  for db; do sql "CREATE DATABASE IF NOT EXISTS \`$db\` CHARACTER SET utf8mb3"; done
}

# run an OpenStack console script by name, even one whose package is not installed
tool() { /usr/bin/python3 "$PY/launch.py" "$@" >> "$LOG/setup.log" 2>&1 || { tail -n 15 "$LOG/setup.log" >&2; die "$1 failed, see $LOG/setup.log"; }; }

# daemon NAME SCRIPT SERVICE: the usual oslo service with two configuration files
daemon() {
  local name=$1 script=$2 service=$3; shift 3
  start "$name" /usr/bin/python3 "$PY/launch.py" "$script" \
    --config-file "$ETC/common/common.conf" --config-file "$ETC/$service/$service.conf" \
    --log-file "$LOG/$name.log" "$@"
}

# wsgi NAME PORT PROCESSES MODULE [uwsgi options]
wsgi() {
  local name=$1 port=$2 processes=$3 module=$4; shift 4
  start "$name" uwsgi --plugin python3 --http-socket "$HOST:$port" --module "$module" \
    --pythonpath "$PY" --master --die-on-term --processes "$processes" --threads 4 --enable-threads \
    --thunder-lock --lazy-apps --buffer-size 65535 --post-buffering 65535 --listen 100 \
    --disable-logging --need-app --add-header "Connection: close" "$@"
}
