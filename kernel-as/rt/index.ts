// The kernel's AssemblyScript runtime: there is no heap. Each hook below is what the compiler calls for a managed allocation, and
// each is an ERROR, so that code which would allocate does not compile. String literals and assert() need no hook.

import "../arch/assert";
import "./none";
