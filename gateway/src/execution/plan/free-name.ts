/** `start` with as many underscores behind it as make it a name that is not taken. */
export function freeName(start: string, isTaken: (name: string) => boolean): string {
  let name = start;
  while (isTaken(name)) name += '_';
  return name;
}
