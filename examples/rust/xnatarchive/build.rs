//! Lets tests and examples of this package find the library that xnatarchive-sys was told of.
fn main() {
    println!("cargo:rerun-if-env-changed=XNATARCHIVE_LIBRARY");
    if let Ok(folder) = std::env::var("DEP_XNATARCHIVE_FOLDER") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
