import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
/** Places of `utime` and `stime` behind the name of the program, which may hold blanks (proc_pid_stat(5)). */
const [USER, SYSTEM] = [11, 12];

/** Milliseconds of processor time of a process since its start, all its threads together, in steps of some 10 ms. */
export async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER]) + Number(fields[SYSTEM])) * TICK_MS;
}

/** MiB of memory that a process holds now. */
export async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
