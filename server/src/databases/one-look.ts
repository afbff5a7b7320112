/** What is looked at by one look at a time, whoever asks: an answer is of a moment after the question, so one that comes meanwhile is of the next look. */
export class OneLook<T> {
  /** by what is looked at: the look that is under way, and the one that begins after it */
  readonly #looks = new Map<string, { now: Promise<T>; next: Promise<T> | undefined }>();

  /** @returns what `look` finds at a moment after this call */
  ask(what: string, look: () => Promise<T>): Promise<T> {
    const running = this.#looks.get(what);
    if (!running) return this.#begin(what, look);
    const after = () => this.#begin(what, look);
    running.next ??= running.now.then(after, after);
    return running.next;
  }

  /** Whether it is being looked at. */
  isUnderWay(what: string): boolean {
    return this.#looks.has(what);
  }

  /** Waits for all that were begun. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#looks.values()].map(({ now, next }) => next ?? now));
  }

  #begin(what: string, look: () => Promise<T>): Promise<T> {
    const one = { now: look(), next: undefined };
    this.#looks.set(what, one);
    const over = () => {
      if (this.#looks.get(what) === one && !one.next) this.#looks.delete(what);
    };
    one.now.then(over, over);
    return one.now;
  }
}
