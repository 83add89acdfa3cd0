/** Colours, where standard output is a terminal and NO_COLOR is not set. */
const enabled: boolean = process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";

function paint(open: number, close: number): (text: string) => string {
  return (text) => (enabled ? `\u001b[${open}m${text}\u001b[${close}m` : text);
}

export const bold: (text: string) => string = paint(1, 22);
export const dim: (text: string) => string = paint(2, 22);
export const red: (text: string) => string = paint(31, 39);
export const green: (text: string) => string = paint(32, 39);
export const yellow: (text: string) => string = paint(33, 39);
export const cyan: (text: string) => string = paint(36, 39);
