/**
 * The tricks that buy speed and change no answer, each in one place of its own that tells how it works and what it was
 * measured to buy. `SHORTCUTS_OFF` switches them off by name; answers with and without are the same to the byte, which the
 * tests compare. `docs/decisions/shortcuts.md` tells why each is sound.
 */
export const shortcutTable = {
  answers: {
    where: 'src/graph/answers.ts, src/http/front.ts',
    meaning: 'A whole answer is kept as bytes and sent again while every stamp of what it was built from still holds.',
  },
  compiled: {
    where: 'src/graph/compiled.ts',
    meaning: 'A query that was asked twice is compiled to a function (graphql-jit) instead of being interpreted.',
  },
  primed: {
    where: 'src/graph/prime.ts',
    meaning:
      'The relations of a page are loaded in bulk before its rows are resolved, so that resolving waits for nothing.',
  },
  texts: {
    where: 'src/graph/texts.ts, src/graph/again.ts, src/cache/patchwork.ts',
    meaning:
      'What a row looks like in an answer is kept as text and used again while every stamp of what it was built from still holds.',
  },
  collections: {
    where: 'src/load/collections.ts',
    meaning: "A page's small collections are fetched beside its rows instead of behind them.",
  },
  parsed: {
    where: 'src/cache/parsed.ts',
    meaning: 'Values that were read from the store stay parsed in the process, and are used while their stamps hold.',
  },
} as const satisfies Record<string, { readonly where: string; readonly meaning: string }>;

/** A trick that can be switched off. */
export type ShortcutName = keyof typeof shortcutTable;

/** Those that are switched on. */
export type Shortcuts = ReadonlySet<ShortcutName>;

export const shortcutNames = Object.keys(shortcutTable) as readonly ShortcutName[];

/** What a gateway uses that nobody configured. */
export const ALL_SHORTCUTS: Shortcuts = new Set(shortcutNames);
