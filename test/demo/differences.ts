/** Steps in which the demo cloud is known to answer otherwise than the real one, by file and name, with the reason. */
export const differences: Readonly<Record<string, string>> = {};
