export { Inode, type InodeKind, type InodeOptions } from "./inode.ts";
export { OpenFile, UnstatedFile, type OpenFileOptions } from "./openFile.ts";
export { MOST_SEGMENTS, SegmentNamespace } from "./segmentNamespace.ts";
export { SharedSegment, type SegmentOptions, type SegmentOwner } from "./sharedSegment.ts";
