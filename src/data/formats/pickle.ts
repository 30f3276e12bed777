import { PickleCursor } from './pickle-cursor.js';

/** A name that a pickle refers to; nothing is ever looked up or called under it. */
export interface PickleName {
  readonly module: string;
  readonly name: string;
}

/** A call that a pickle asks for. It is not made: whoever reads the result decides what it stands for. */
export class PickleCall {
  readonly target: PickleName;
  readonly arguments: readonly unknown[];
  /** What the pickle would pass to `__setstate__`. */
  state: unknown;

  constructor(target: PickleName, args: readonly unknown[]) {
    this.target = target;
    this.arguments = args;
  }
}

const MARK = Symbol('mark');

/**
 * Reads a Python pickle (protocols 0 to 5, without its rarest parts) as data: dictionaries become Maps, lists and
 * tuples arrays, bytes Uint8Arrays. Executes nothing: calls stay `PickleCall`s. Throws a UserError for anything
 * else. `path` names the file.
 */
export function parsePickle(bytes: Uint8Array, path: string): unknown {
  return new PickleReader(new PickleCursor(bytes, path)).read();
}

class PickleReader {
  readonly #cursor: PickleCursor;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(cursor: PickleCursor) {
    this.#cursor = cursor;
  }

  read(): unknown {
    for (;;) {
      const opcode = String.fromCharCode(this.#cursor.take(1)[0]);
      if (opcode === '.') return this.#pop();
      if (!this.#readScalar(opcode) && !this.#readContainer(opcode) && !this.#readReference(opcode))
        this.#cursor.fail(`the instruction ${JSON.stringify(opcode)} is not read`);
    }
  }

  /** Numbers, strings, bytes and constants. */
  #readScalar(opcode: string): boolean {
    const push = (value: unknown) => {
      this.#stack.push(value);
      return true;
    };
    switch (opcode) {
      case '\x80': // PROTO
        this.#cursor.take(1);
        return true;
      case '\x95': // FRAME
        this.#cursor.take(8);
        return true;
      case 'N':
        return push(null);
      case '\x88':
        return push(true);
      case '\x89':
        return push(false);
      case 'J': // BININT
        return push(this.#cursor.take(4).readInt32LE());
      case 'K': // BININT1
        return push(this.#cursor.take(1)[0]);
      case 'M': // BININT2
        return push(this.#cursor.take(2).readUInt16LE());
      case '\x8a': // LONG1
        return push(this.#cursor.readLong(this.#cursor.take(1)[0]));
      case 'G': // BINFLOAT
        return push(this.#cursor.take(8).readDoubleBE());
      case 'X': // BINUNICODE
        return push(this.#cursor.take(this.#cursor.readSize(4)).toString('utf8'));
      case '\x8c': // SHORT_BINUNICODE
        return push(this.#cursor.take(this.#cursor.readSize(1)).toString('utf8'));
      case '\x8d': // BINUNICODE8
        return push(this.#cursor.take(this.#cursor.readSize(8)).toString('utf8'));
      case 'T': // BINSTRING
        return push(this.#cursor.take(this.#cursor.readSize(4)).toString('latin1'));
      case 'U': // SHORT_BINSTRING
        return push(this.#cursor.take(this.#cursor.readSize(1)).toString('latin1'));
      case 'B': // BINBYTES
        return push(new Uint8Array(this.#cursor.take(this.#cursor.readSize(4))));
      case 'C': // SHORT_BINBYTES
        return push(new Uint8Array(this.#cursor.take(this.#cursor.readSize(1))));
      case '\x8e': // BINBYTES8
      case '\x96': // BYTEARRAY8
        return push(new Uint8Array(this.#cursor.take(this.#cursor.readSize(8))));
      default:
        return this.#readTextScalar(opcode, push);
    }
  }

  /** The scalars of protocol 0, each on a line. */
  #readTextScalar(opcode: string, push: (value: unknown) => boolean): boolean {
    switch (opcode) {
      case 'I': {
        const line = this.#cursor.readLine();
        return push(line === '01' ? true : line === '00' ? false : this.#cursor.toNumber(line));
      }
      case 'L':
        return push(this.#cursor.toNumber(this.#cursor.readLine().replace(/L$/, '')));
      case 'F':
        return push(this.#cursor.toNumber(this.#cursor.readLine()));
      case 'V': // UNICODE: raw-unicode-escape
        return push(
          this.#cursor
            .readLine('latin1')
            .replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/gi, (_, short, long) => {
              const code = Number.parseInt(short ?? long, 16);
              return code <= 0x10ffff
                ? String.fromCodePoint(code)
                : this.#cursor.fail(`there is no character ${code}`);
            }),
        );
      case 'S': {
        const line = this.#cursor.readLine('latin1');
        if (!/^(['"]).*\1$/.test(line) || line.includes('\\'))
          this.#cursor.fail('a string is quoted in a way that is not read');
        return push(line.slice(1, -1));
      }
      default:
        return false;
    }
  }

  /** Tuples, lists and dictionaries. */
  #readContainer(opcode: string): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case '(':
        stack.push(MARK);
        break;
      case ')':
      case ']':
        stack.push([]);
        break;
      case '}':
        stack.push(new Map());
        break;
      case 't':
      case 'l':
        stack.push(this.#popToMark());
        break;
      case '\x85': // TUPLE1 to TUPLE3
      case '\x86':
      case '\x87':
        stack.push(this.#popMany(opcode.charCodeAt(0) - 0x84));
        break;
      case 'a': {
        const [list, item] = this.#popMany(2);
        this.#asList(list).push(item);
        stack.push(list);
        break;
      }
      case 'e': {
        const items = this.#popToMark();
        const list = this.#asList(stack.at(-1));
        for (const item of items) list.push(item);
        break;
      }
      case 'd': {
        const items = this.#popToMark();
        const map = new Map<unknown, unknown>();
        for (let at = 0; at + 1 < items.length; at += 2) map.set(items[at], items[at + 1]);
        stack.push(map);
        break;
      }
      case 's': {
        const [map, key, value] = this.#popMany(3);
        this.#asMap(map).set(key, value);
        stack.push(map);
        break;
      }
      case 'u': {
        const items = this.#popToMark();
        const map = this.#asMap(stack.at(-1));
        for (let at = 0; at + 1 < items.length; at += 2) map.set(items[at], items[at + 1]);
        break;
      }
      default:
        return false;
    }
    return true;
  }

  /** The memo, names and calls. */
  #readReference(opcode: string): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case 'p': // PUT
        this.#memo.set(this.#cursor.toNumber(this.#cursor.readLine()), stack.at(-1));
        break;
      case 'g': // GET
        stack.push(this.#recall(this.#cursor.toNumber(this.#cursor.readLine())));
        break;
      case 'q': // BINPUT
        this.#memo.set(this.#cursor.readSize(1), stack.at(-1));
        break;
      case 'r': // LONG_BINPUT
        this.#memo.set(this.#cursor.readSize(4), stack.at(-1));
        break;
      case '\x94': // MEMOIZE
        this.#memo.set(this.#memo.size, stack.at(-1));
        break;
      case 'h': // BINGET
        stack.push(this.#recall(this.#cursor.readSize(1)));
        break;
      case 'j': // LONG_BINGET
        stack.push(this.#recall(this.#cursor.readSize(4)));
        break;
      case 'c': // GLOBAL
        stack.push({ module: this.#cursor.readLine(), name: this.#cursor.readLine() } satisfies PickleName);
        break;
      case '\x93': {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') this.#cursor.fail('a name is no text');
        stack.push({ module, name } as PickleName);
        break;
      }
      case 'R': // REDUCE
      case '\x81': {
        // NEWOBJ
        const [target, args] = this.#popMany(2);
        if (!isName(target) || !Array.isArray(args)) this.#cursor.fail('a call has no name or no arguments');
        stack.push(new PickleCall(target as PickleName, args as unknown[]));
        break;
      }
      case 'b': {
        // BUILD
        const state = this.#pop();
        const call = stack.at(-1);
        if (!(call instanceof PickleCall)) this.#cursor.fail('a state belongs to no object');
        (call as PickleCall).state = state;
        break;
      }
      default:
        return false;
    }
    return true;
  }

  #pop(): unknown {
    return this.#popMany(1)[0];
  }

  #popMany(count: number): unknown[] {
    if (this.#stack.length < count) this.#cursor.fail('the stack is empty');
    const items = this.#stack.splice(this.#stack.length - count, count);
    if (items.includes(MARK)) this.#cursor.fail('a mark is where a value should be');
    return items;
  }

  #popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) this.#cursor.fail('a mark is missing');
    return this.#stack.splice(at).slice(1);
  }

  #recall(key: number): unknown {
    if (!this.#memo.has(key)) this.#cursor.fail(`memo ${key} is empty`);
    return this.#memo.get(key);
  }

  #asList(value: unknown): unknown[] {
    return Array.isArray(value) ? value : this.#cursor.fail('expected a list');
  }

  #asMap(value: unknown): Map<unknown, unknown> {
    return value instanceof Map ? value : this.#cursor.fail('expected a dictionary');
  }
}

function isName(value: unknown): value is PickleName {
  return typeof value === 'object' && value !== null && 'module' in value && 'name' in value;
}
