//! Lists the migrations for `src/migrate/embedded.rs`: the crate is built again when one of them is new or edited.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut lines = vec![];
    for entry in fs::read_dir(folder.canonicalize()?)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "sql") {
            let stem = path.file_stem().and_then(OsStr::to_str);
            let (Some(stem), Some(path)) = (stem, path.to_str()) else {
                return Err(format!("{} is not UTF-8", path.display()).into());
            };
            lines.push(format!("({stem:?}, include_str!({path:?})),\n"));
        }
    }
    lines.sort();
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says where what is generated goes"
    )]
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let text = format!("&[\n{}]\n", lines.concat());
    Ok(fs::write(Path::new(&out).join("migrations.rs"), text)?)
}
