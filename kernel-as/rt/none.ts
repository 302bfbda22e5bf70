// The runtime hooks of AssemblyScript, as compile errors.

// @ts-ignore: decorator
@unsafe @global
export function __alloc(size: usize): usize {
  ERROR("the kernel has no heap: __alloc");
  return 0;
}

// @ts-ignore: decorator
@unsafe @global
export function __realloc(ptr: usize, size: usize): usize {
  ERROR("the kernel has no heap: __realloc");
  return 0;
}

// @ts-ignore: decorator
@unsafe @global
export function __free(ptr: usize): void {
  ERROR("the kernel has no heap: __free");
}

// @ts-ignore: decorator
@unsafe @global
export function __new(size: usize, id: u32): usize {
  ERROR("the kernel has no heap: __new");
  return 0;
}

// @ts-ignore: decorator
@unsafe @global
export function __renew(ptr: usize, size: usize): usize {
  ERROR("the kernel has no heap: __renew");
  return 0;
}

// @ts-ignore: decorator
@unsafe @global
export function __link(parent: usize, child: usize, expectMultiple: bool): void {
  ERROR("the kernel has no heap: __link");
}

// @ts-ignore: decorator
@unsafe @global
export function __collect(): void {
  ERROR("the kernel has no heap: __collect");
}

// @ts-ignore: decorator
@unsafe @global
export function __visit(ptr: usize, cookie: u32): void {
  ERROR("the kernel has no heap: __visit");
}
