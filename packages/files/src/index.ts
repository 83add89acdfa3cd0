export { Inode, type InodeKind, type InodeOptions } from "./inode.ts";
export { OpenFile, UnstatedFile, type OpenFileOptions } from "./openFile.ts";
