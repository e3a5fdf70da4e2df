//! Where the corpus of real files is.

use std::path::PathBuf;

/// VOXMILL_CORPUS, else beside the repository.
pub fn corpus() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    std::env::var_os("VOXMILL_CORPUS").map_or_else(beside, PathBuf::from)
}
