/** How a flight ended: with a value for whoever joined it, or not, and then everybody goes on alone. */
export type Landing = { readonly value: unknown } | null;

/** Fetches under way in this process, by a name that says what is fetched and since which stamps. */
export class Flights {
  /** Keys under which this process has told other replicas of a fetch and has not taken that back yet. */
  readonly announced = new Set<string>();
  readonly #open = new Map<string, Promise<Landing>>();

  /** The flight of that name, if there is one. */
  find(name: string): Promise<Landing> | undefined {
    return this.#open.get(name);
  }

  /** Begins a flight; the function that is returned ends it and must be called. */
  begin(name: string): (landing: Landing) => void {
    let resolve: (landing: Landing) => void = () => {};
    const promise = new Promise<Landing>((settle) => {
      resolve = settle;
    });
    this.#open.set(name, promise);
    return (landing) => {
      if (this.#open.get(name) === promise) this.#open.delete(name);
      resolve(landing);
    };
  }
}
