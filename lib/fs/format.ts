// The file system's blocks, as they lie in memory and on the disk (docs/home.md). Little-endian; 4 KiB blocks; block 0 is no block: a
// pointer of 0 is a hole.
//
//   block 0, 1       superblocks, written by turns
//   everywhere else  the inode map, inode tables, leaves and double blocks of large files, and the bytes of files, directories and links
//
// All blocks but those with bytes end in a Footer.

export const enum Block {
  BYTES = 4096,
  SHIFT = 12,
  MASK = 4095,
  FIRST = 2, // the first that can be allocated
  POINTERS = 1020, // u32 pointers in front of a footer
}

/** What a block is; BYTES has no footer. */
export const enum Kind {
  BYTES = 0,
  SUPER = 0x50555351, // "QSUP"
  MAP = 0x50414d51, // "QMAP": pointers to TABLE blocks
  TABLE = 0x4c425451, // "QTBL": inodes
  LEAF = 0x46414c51, // "QLAF": pointers to BYTES blocks
  DOUBLE = 0x4c424451, // "QDBL": pointers to LEAF blocks
}

export const enum Footer {
  KIND = 4080,
  BLOCK = 4084, // where it lies: one that was written to another place is found out
  GENERATION = 4088, // low 32 bits
  CRC = 4092, // of the 4092 bytes before
}

export const enum Super {
  MAGIC = 0,
  VERSION = 4,
  GENERATION = 8, // u64
  BLOCKS = 16,
  MAP = 20,
  MAGIC_VALUE = 0x4d4f4851, // "QHOM"
  VERSION_VALUE = 2, // what is written
  VERSION_FIRST = 1, // the first that is read: no links, and ATIME and AGE are 0
}

export const enum Inode {
  TYPE = 0, // FileType; 0: free
  MODE = 4,
  SIZE = 8, // u64
  MTIME = 16, // i64 ns since 1970
  LINKS = 24, // names that it has, a directory 1; 0: removed, but open
  ATIME = 28, // i64 ns: of making it, or as set; 0: MTIME
  LEAF = 36, // blocks 20 to 1039
  DOUBLE = 40, // from 1040 on
  AGE = 44, // how many inodes had the number before, modulo Reference.AGES: kept when it is free
  DIRECT = 48, // blocks 0 to 19
  BYTES = 128,
  DIRECTS = 20,
  PER_BLOCK = 31,
  ROOT = 1,
  COUNT = 31620, // Block.POINTERS * PER_BLOCK
}

/** The longest file: 20 + 1020 + 1020 * 1020 blocks. */
export const enum FileLimit {
  BLOCKS = 1041440,
  NAME_BYTES = 255,
}

/** How a name says what it stands for: the number of an inode, and above it the inode's AGE. */
export const enum Reference {
  NUMBER_MASK = 0x7fff,
  NUMBER_BITS = 15,
  AGES = 0x20000,
}

/** A symbolic link is an inode whose bytes are its target: 1 to TARGET_BYTES of them, none 0. */
export const enum LinkLimit {
  TARGET_BYTES = 1023,
  NAMES = 65535, // of a file
}

/** A directory's bytes are records that fill its blocks: none crosses a block's end. */
export const enum Entry {
  INODE = 0, // u32 Reference; 0: room
  LENGTH = 4, // u16, of the record: a multiple of 4
  NAME_BYTES = 6, // u8
  TYPE = 7, // u8
  NAME = 8,
}
