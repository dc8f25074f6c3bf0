const checked = new WeakSet<object>();

/** The variables of this request were coerced without a mistake: nobody behind has to do it again. */
export function markChecked(request: object): void {
  checked.add(request);
}

export function isChecked(request: object): boolean {
  return checked.has(request);
}
