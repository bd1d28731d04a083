/** Asks again and again until `ask` gives something; throws, saying what was waited for, after `seconds`. */
export async function until<T>(what: string, ask: () => Promise<T | null>, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    // OpenStack tells nobody when a row has changed: looking again is the only way.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
