import { DEADLINE, type Setting, type SettingOptions, startSetting } from './setting.js';

/** Settings for tests that run beside each other: each has one to itself, and the next test finds it as good as new. */
export class Lanes {
  readonly #idle: Setting[] = [];
  readonly #options: SettingOptions;

  constructor(options: SettingOptions = {}) {
    this.#options = options;
  }

  async withSetting(work: (setting: Setting) => Promise<void>): Promise<void> {
    const setting = this.#idle.pop() ?? (await startSetting(this.#options));
    try {
      await work(setting);
    } finally {
      setting.proxy.heal();
      setting.proxy.forget();
      // Nothing that the cache holds, nor any token or hold, outlives this.
      setting.pass(2 * 86_400);
      this.#idle.push(setting);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#idle.map((setting) => setting.stop()));
  }
}

/** Settings in which a call may take long, and others for faults that would make it so. */
export class Roads {
  readonly #usual = new Lanes();
  readonly #hurried = new Lanes({ limits: { readDeadline: DEADLINE, writeDeadline: DEADLINE } });

  for({ hangs }: { readonly hangs: boolean }): Lanes {
    return hangs ? this.#hurried : this.#usual;
  }

  async stop(): Promise<void> {
    await this.#usual.stop();
    await this.#hurried.stop();
  }
}
