/** What `mcpp doctor` found. @module */

/** What was found, and what to do about it. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "note" | "fault";
  readonly detail: string;
  readonly todo?: readonly string[];
}

/** All is well. */
export const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail });

/** Works, and a person may want to know. */
export const note = (name: string, detail: string, ...todo: readonly string[]): Finding =>
  found(name, "note", detail, todo);

/** Does not work. */
export const fault = (name: string, detail: string, ...todo: readonly string[]): Finding =>
  found(name, "fault", detail, todo);

function found(
  name: string,
  state: Finding["state"],
  detail: string,
  todo: readonly string[],
): Finding {
  return { name, state, detail, ...(todo.length > 0 && { todo }) };
}
