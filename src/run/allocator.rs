//! What the C library's allocator does with freed memory. Buffers of images are asked for and freed all the time; glibc
//! gives large ones back to the kernel, which has to find, clear and map them anew for the next image.

/// Blocks below this come from the heap, the largest that glibc allows; larger ones are mapped one by one.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM: i32 = 32 << 20;

/// Free memory at the end of each heap (a thread has one) beyond which the kernel gets it back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TRIMMED_FROM: i32 = 32 << 20;

/// Keeps freed memory for the next buffer. Without effect where the C library is not glibc.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt is a C function")]
pub fn keep_freed() {
    // SAFETY: `mallopt` takes two integers and may be called at any time, also from several threads; it answers 0 and
    // changes nothing if it does not like a value, and then memory is freed as usual.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM);
        libc::mallopt(libc::M_TRIM_THRESHOLD, TRIMMED_FROM);
    }
}

/// Keeps freed memory for the next buffer. Without effect where the C library is not glibc.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_freed() {}
