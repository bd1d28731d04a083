import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const MINUTES = 120_000;

const floatingIp = 'src/services/network/floating-ip.ts';
const registry = 'src/services/registry.ts';

/** The compiler over the descriptors as they are on disk, but for one edit at a time; each program builds on the one before. */
class Compiler {
  readonly #options: ts.CompilerOptions;
  readonly #descriptors: readonly string[];
  readonly #host: ts.CompilerHost;
  readonly #parsed = new Map<string, ts.SourceFile | undefined>();
  #edit: { readonly file: string; readonly text: string } | null = null;
  #program: ts.Program | undefined;

  constructor() {
    const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    this.#options = { ...options, noEmit: true };
    this.#descriptors = fileNames.filter((name) => name.includes('/src/services/'));
    const host = ts.createCompilerHost(this.#options);
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (name, version) => {
      if (name === this.#edit?.file) return ts.createSourceFile(name, this.#edit.text, version, true);
      if (!this.#parsed.has(name)) this.#parsed.set(name, parse(name, version));
      return this.#parsed.get(name);
    };
    this.#host = host;
  }

  get descriptors(): readonly string[] {
    return this.#descriptors.map((name) => name.slice(root.length));
  }

  /** What the compiler says of `files`, each message as one line. */
  errorsIn(files: readonly string[]): readonly string[] {
    const program = ts.createProgram({
      rootNames: this.#descriptors,
      options: this.#options,
      host: this.#host,
      ...(this.#program ? { oldProgram: this.#program } : {}),
    });
    this.#program = program;
    return files.flatMap((file) => {
      const source = program.getSourceFile(`${root}${file}`);
      if (!source) throw new Error(`${file}: expected it in the program, found ${this.descriptors.join(', ')}`);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    });
  }

  /** What the compiler says of `file` when `before` stands as `after` in it. */
  errorsWith(file: string, before: string, after: string): readonly string[] {
    const text = readFileSync(`${root}${file}`, 'utf8');
    if (text.split(before).length !== 2) throw new Error(`${file}: expected "${before}" once: mend the test`);
    this.#edit = { file: `${root}${file}`, text: text.replace(before, () => after) };
    try {
      return this.errorsIn([file]);
    } finally {
      this.#edit = null;
    }
  }
}

describe('a descriptor that does not fulfil its schema', () => {
  let compiler: Compiler;

  beforeAll(() => {
    compiler = new Compiler();
  });

  it('is the only thing that the compiler objects to: as they are, all descriptors pass', { timeout: MINUTES }, () => {
    expect(compiler.descriptors).toContain(floatingIp);
    expect(compiler.errorsIn(compiler.descriptors)).toEqual([]);
  });

  const cases = [
    {
      fault: 'a missing relation',
      file: floatingIp,
      before: "    port: belongsTo('Port', 'port_id'),\n",
      after: '',
      says: /Property 'port' is missing in type/,
    },
    {
      fault: 'a missing relation of a type that it extends',
      file: floatingIp,
      before: "    Server: { floatingIps: hasThrough('FloatingIp', 'ports', 'floatingIps') },\n",
      after: '',
      says: /Property 'Server' is missing in type/,
    },
    {
      fault: 'a relation to another type than the schema says',
      file: floatingIp,
      before: "port: belongsTo('Port', 'port_id')",
      after: "port: belongsTo('Network', 'port_id')",
      says: /'"Network"' is not assignable to type '"Port"'/,
    },
    {
      fault: 'a relation to one row where the schema says many',
      file: floatingIp,
      before: "{ floatingIps: hasThrough('FloatingIp', 'ports', 'floatingIps') }",
      after: "{ floatingIps: belongsTo('FloatingIp', 'id') }",
      says: /ToOne<"FloatingIp">' is not assignable to type 'ToMany<"FloatingIp">'/,
    },
    {
      fault: 'a field that the schema does not have',
      file: floatingIp,
      before: "fields: { statusText: 'status' }",
      after: "fields: { statusTxt: 'status' }",
      says: /'statusTxt' does not exist in type/,
    },
    {
      fault: 'a filter that the schema does not have',
      file: floatingIp,
      before: "status: anyOf('status')",
      after: "statuses: anyOf('status')",
      says: /'statuses' does not exist in type/,
    },
    {
      fault: 'a missing mutation',
      file: floatingIp,
      before: '    updateFloatingIp: updates({ touchesEverywhere: true }),\n',
      after: '',
      says: /Property 'updateFloatingIp' is missing in type/,
    },
    {
      fault: 'a relation of a part of a row to another type than the schema says',
      file: floatingIp,
      before: "network: belongsTo('Network', 'network_id')",
      after: "network: belongsTo('Subnet', 'network_id')",
      says: /'"Subnet"' is not assignable to type '"Network"'/,
    },
    {
      fault: 'a type of the schema that has no descriptor',
      file: registry,
      before: '...image, ',
      after: '',
      says: /Property 'Image' is missing in type/,
    },
  ];

  for (const { fault, file, before, after, says } of cases) {
    it(`does not compile: ${fault}`, { timeout: MINUTES }, () => {
      expect(compiler.errorsWith(file, before, after).join('\n')).toMatch(says);
    });
  }
});
