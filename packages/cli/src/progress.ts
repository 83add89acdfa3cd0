/** A line on a terminal that tells how far a long job is; nothing anywhere else. */
export class Progress {
  private readonly label: string;
  private readonly total: number | undefined;
  private done = 0;
  private shown = 0;

  constructor(label: string, total: number | undefined) {
    this.label = label;
    this.total = total;
  }

  advance(amount: number): void {
    this.done += amount;
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.shown < 200) return;
    this.shown = now;
    const part =
      this.total === undefined || this.total === 0
        ? `${(this.done / 1e6).toFixed(0)} MB`
        : `${Math.min(100, Math.floor((100 * this.done) / this.total))} %`;
    process.stderr.write(`\r\u001b[K${this.label}: ${part}`);
  }

  end(): void {
    if (this.shown > 0) process.stderr.write("\r\u001b[K");
  }
}
