/** Something the user can mend. A command shows its message alone; any other error is ours and is shown with its stack. */
export class Problem extends Error {
  override readonly name: string = "Problem";
}
