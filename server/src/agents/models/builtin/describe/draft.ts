/** What is read from a description before it becomes operations: lists with fields, and how they are related. */
import type { NewField } from '../../../../../../contract/spec-operations.ts';

export interface DraftEntity {
  name: string;
  fields: NewField[];
}

/** `one`: each `from` has one `to`; `many`: both have several. Names as they were written, one or several. */
export interface DraftRelation {
  from: string;
  to: string;
  kind: 'one' | 'many';
  /** rows of `from` are part of one of `to`: they go with it */
  part?: boolean;
  required?: boolean;
  /** of the field or of the entity between them */
  name?: string;
}

/** What one clause says. */
export interface Said {
  title?: string;
  entities: DraftEntity[];
  relations: DraftRelation[];
  assumed?: string[];
}
