import vm from 'node:vm';

export interface Options {
  sandbox?: Record<string, unknown>;
}

export class JsonPath {
  constructor(private readonly expression: string, private readonly options: Options = {}) {}

  private filter(code: string, item: unknown): boolean {
    const context = vm.createContext({ ...this.options.sandbox, _: item });
    return Boolean(vm.runInContext(code.replace(/@/g, '_'), context));
  }

  query(value: unknown[]): unknown[] {
    const match = /\?\((.*)\)/.exec(this.expression);
    return match ? value.filter((item) => this.filter(match[1], item)) : value;
  }

  static pick(value: any, path: string): unknown {
    return path.split('.').reduce((node, key) => node?.[key], value);
  }
}

export function sortBy<T>(items: T[], expression: string): T[] {
  const compare = eval(`(a, b) => ${expression}`);
  return items.sort(compare);
}
