/**
 * What a log shows of a structure cannot be turned into bytes: cut, or in words that are not
 * understood.
 */
export class NotShown extends Error {
  constructor(what: string) {
    super(what);
    this.name = "NotShown";
  }
}
