import type { Stale } from './checker.js';
import type { Asked } from './client.js';
import type { Timeline, Version } from './history.js';
import type { Options, Outcome } from './run.js';

/** What an operator needs to see a stale answer again, and a developer to understand it. */
export function describeStale(options: Options, { what, shown, rows }: Stale, asked: Asked): string {
  const { client, url, text, variables, sent, answered } = asked;
  return [
    `STALE: ${what}`,
    `  replay: ${commandOf(options)}`,
    `  ${client} at ${url}, sent at tick ${sent}, answered at ${answered}`,
    `  ${text} ${JSON.stringify(variables)}`,
    `  shown: ${JSON.stringify(shown)}`,
    ...rows.flatMap((row) => describeRow(row)),
  ].join('\n');
}

function describeRow({ type, id, versions }: Timeline): string[] {
  return [`  ${type} ${id}, by the cloud's log:`, ...versions.map((version) => `    ${describeVersion(version)}`)];
}

function describeVersion({ from, view, deed, later, boundTick, boundMs }: Version): string {
  const bound = [
    ...(Number.isFinite(boundTick) ? [`binds from tick ${boundTick}`] : []),
    ...(Number.isFinite(boundMs) ? [`binds from ${boundMs.toFixed(1)} ms`] : []),
  ];
  const end = deed?.end ? `${deed.end.outcome} at tick ${deed.end.at.tick}` : 'not ended';
  const cause = deed === null ? 'the cloud' : `${later ? 'later effect of ' : ''}${deed.text} (${end})`;
  const what = view === null ? 'gone' : JSON.stringify(view.fields);
  return `tick ${from.tick}, ${from.ms.toFixed(1)} ms, ${bound.join(', ') || 'binds nobody'}: ${what} by ${cause}`;
}

export function commandOf({ operations, seed, kill, replicas, clients }: Options): string {
  const more = `--replicas ${replicas} --clients ${clients}`;
  return `npm run torture -- --operations ${operations} --seed ${seed}${kill ? ' --kill' : ''} ${more}`;
}

/** The figures of a run, a line each. */
export function summary({ tally, facts, seconds, stale }: Outcome): string {
  const errors = [...tally.errors].sort().map(([name, count]) => `${name} ${count}`);
  const hits = (tally.hitRatio * 100).toFixed(1);
  return [
    `operations ${tally.operations} in ${seconds.toFixed(0)} s (${Math.round(tally.operations / seconds)}/s)`,
    `queries ${tally.queries} (of one to three fields), of these without a whole answer ${tally.unanswered}`,
    `mutations ${tally.mutations}, of these that changed something ${tally.effective}`,
    `outcomes: confirmed ${tally.outcomes.confirmed}, unconfirmed ${tally.outcomes.unconfirmed}, unknown ${tally.outcomes.unknown}`,
    `gateways killed ${tally.kills}`,
    `errors: ${errors.join(', ') || 'none'}`,
    `facts checked ${facts}`,
    `hit ratio ${hits} %`,
    `memory of this process ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
    `stale found: ${stale.length}`,
  ].join('\n');
}
