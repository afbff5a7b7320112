/** A statement that is not let through: which rule refuses it, in plain words, and what is allowed instead. */

export class Refusal extends Error {
  /** stable, snake_case: the rule that refuses */
  readonly rule: string;
  /** what would be allowed */
  readonly allowed: string | undefined;

  constructor(rule: string, message: string, allowed?: string) {
    super(message);
    this.name = 'Refusal';
    this.rule = rule;
    this.allowed = allowed;
  }
}
