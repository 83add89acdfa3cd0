/** A target that cannot run here, and why, in one line: no compiler, no emulator, no image. */
export class CannotRun extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CannotRun";
  }
}
