//! Says where the library is: beside `XNATARCHIVE_LIBRARY` when that is set, else where the linker
//! looks.
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-env-changed=XNATARCHIVE_LIBRARY");
    println!("cargo:rustc-link-lib=dylib=xnatarchive");
    let Some(library) = std::env::var_os("XNATARCHIVE_LIBRARY") else {
        return;
    };
    let folder = Path::new(&library).parent().filter(|path| path.is_absolute());
    let folder = folder.expect("XNATARCHIVE_LIBRARY is the absolute path of libxnatarchive.so");
    println!("cargo:rustc-link-search=native={}", folder.display());
    // For the build scripts of what depends on this: DEP_XNATARCHIVE_FOLDER.
    println!("cargo:folder={}", folder.display());
}
