export { CASES } from "./cases/index.ts";
export type { PackCase } from "./packCase.ts";
export type { ByReleases, DocumentCase, DocumentStep, PackDocument } from "./packDocument.ts";
export { packFiles, readPack, type PackFile, type PackOptions } from "./packFiles.ts";
export { expectedOf, tellsApart, wrongStep, type CaseAnswers } from "./packVerdict.ts";
