//! Makes the declarations of `xnatarchive-sys` from the header, with bindgen, which needs libclang.
//!
//! usage: declarations check|write HEADER FILE
//!
//! FILE is `xnatarchive-sys/src/declarations.rs`. `check` compares, and ends with 1 when it differs.
use std::process::ExitCode;

fn made_from(header: &str) -> String {
    bindgen::builder()
        .header(header)
        .allowlist_item("(xna|XNA)_.*")
        .layout_tests(false)
        .generate_comments(false)
        .disable_header_comment()
        .size_t_is_usize(true)
        .default_macro_constant_type(bindgen::MacroTypeVariation::Signed)
        .merge_extern_blocks(true)
        .rust_target(bindgen::RustTarget::stable(76, 0).expect("bindgen knows Rust 1.76"))
        .generate()
        .expect("the header can be read")
        .to_string()
}

/// What does not depend on how rustfmt lays it out.
fn substance(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, mode, header, file] = &arguments[..] else {
        eprintln!("usage: declarations check|write HEADER FILE");
        return ExitCode::from(2);
    };
    let made = made_from(header);
    if mode == "write" {
        std::fs::write(file, made).expect("the file can be written");
    } else if substance(&std::fs::read_to_string(file).unwrap_or_default()) != substance(&made) {
        eprintln!("{file} is not what the header says: make it with declarations write");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
