/** The last lines that a sandbox printed, capped in bytes: a program that prints for ever must cost a fixed amount. */

export interface LogLine {
  at: number;
  stream: 'stdout' | 'stderr';
  text: string;
}

const LONGEST_LINE = 8_192;

export class LogBuffer {
  readonly #capBytes: number;
  readonly #lines: LogLine[] = [];
  readonly #partial = { stdout: '', stderr: '' };
  readonly #subscribers = new Set<(line: LogLine) => void>();
  #bytes = 0;

  constructor(capBytes = 256 * 1024) {
    this.#capBytes = capBytes;
  }

  /** Takes output as it arrives; lines are cut at 8 KB. */
  write(stream: LogLine['stream'], chunk: string): void {
    let rest = this.#partial[stream] + chunk;
    let end = rest.indexOf('\n');
    while (end >= 0) {
      this.#push(stream, rest.slice(0, end));
      rest = rest.slice(end + 1);
      end = rest.indexOf('\n');
    }
    while (rest.length > LONGEST_LINE) {
      this.#push(stream, rest.slice(0, LONGEST_LINE));
      rest = rest.slice(LONGEST_LINE);
    }
    this.#partial[stream] = rest;
  }

  /** Turns what is left without a line end into lines. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream]) this.#push(stream, this.#partial[stream]);
      this.#partial[stream] = '';
    }
  }

  /** The last lines, oldest first. */
  tail(count = 200): LogLine[] {
    return this.#lines.slice(-count);
  }

  /** The last lines as one text. */
  text(count = 200): string {
    return this.tail(count)
      .map((line) => line.text)
      .join('\n');
  }

  /** Calls `listener` with every later line; returns the function that ends it. */
  subscribe(listener: (line: LogLine) => void): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  #push(stream: LogLine['stream'], raw: string): void {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const line = { at: Date.now(), stream, text: text.slice(0, LONGEST_LINE) };
    this.#lines.push(line);
    this.#bytes += line.text.length + 32;
    while (this.#bytes > this.#capBytes && this.#lines.length > 1) {
      this.#bytes -= (this.#lines.shift()?.text.length ?? 0) + 32;
    }
    for (const listener of this.#subscribers) listener(line);
  }
}
