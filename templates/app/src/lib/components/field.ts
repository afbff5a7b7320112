/** What every field of a form is given. */
export interface FieldProps {
  name: string;
  label: string;
  value: string;
  error: string | undefined;
  required?: boolean;
}
