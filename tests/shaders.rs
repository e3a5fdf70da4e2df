//! The shaders without a GPU: naga parses and validates what the engine compiles, its layout of every parameter block
//! equals the Rust declaration, and every operation has its shader and its twin.

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, ScalarKind, TypeInner};
use std::path::{Path, PathBuf};
use voxmill::engine::gpu::kernels::{PASSES, SHADERS, modules, source};
use voxmill::engine::gpu::overlay;
use voxmill::engine::gpu::place::{Place, Span, WORKGROUP};
use voxmill::engine::gpu::textnet::layers;
use voxmill::pixel::OPS;
use voxmill::pixel::block::Block;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

type Field = (&'static str, &'static str, usize);

/// What differs between a Rust block and the struct of the same name that naga found; empty if nothing.
fn differences(module: &naga::Module, name: &str, fields: &[Field], size: usize) -> Vec<String> {
    let found = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(name));
    let Some((_, naga::Type { inner: TypeInner::Struct { members, span }, .. })) = found else {
        return vec![format!("{name}: no such struct")];
    };
    let mut differences = Vec::new();
    if members.len() != fields.len() || *span as usize != size {
        let (members, fields) = (members.len(), fields.len());
        differences.push(format!("{name}: {members} fields in {span} bytes, Rust has {fields} in {size}"));
    }
    for (member, (field, ty, offset)) in members.iter().zip(fields) {
        let scalar = match module.types[member.ty].inner {
            TypeInner::Scalar(scalar) => match (scalar.kind, scalar.width) {
                (ScalarKind::Uint, 4) => "u32",
                (ScalarKind::Sint, 4) => "i32",
                (ScalarKind::Float, 4) => "f32",
                _ => "another scalar",
            },
            _ => "no scalar",
        };
        let found = (member.name.as_deref().unwrap_or_default(), scalar, member.offset as usize);
        if found != (*field, *ty, *offset) {
            differences.push(format!("{name}: shader has {found:?}, Rust has {:?}", (field, ty, offset)));
        }
    }
    differences
}

fn blocks() -> [(&'static str, &'static [Field], usize); 3] {
    [
        ("Block", Block::FIELDS, size_of::<Block>()),
        ("Place", Place::FIELDS, size_of::<Place>()),
        ("Span", Span::FIELDS, size_of::<Span>()),
    ]
}

#[test]
fn the_shader_is_valid_and_has_every_pass() {
    let module = naga::front::wgsl::parse_str(&source()).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source())));
    Validator::new(ValidationFlags::all(), Capabilities::default()).validate(&module).unwrap();
    let mut found: Vec<_> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
    let mut wanted: Vec<_> = PASSES.iter().map(|(_, name)| *name).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!((found.len(), &found), (6, &wanted));
    assert!(module.entry_points.iter().all(|entry| entry.workgroup_size == [WORKGROUP, 1, 1]));
    // Eight storage and uniform buffers are what WebGPU guarantees to every device.
    let bound = module.global_variables.iter().filter(|(_, v)| matches!(v.space, AddressSpace::Storage { .. })).count();
    assert_eq!(bound, 7);
}

#[test]
fn the_layout_of_every_block_is_the_same_in_rust_and_in_the_shader() {
    let module = naga::front::wgsl::parse_str(&source()).unwrap();
    let mut walked = 0;
    for (name, fields, size) in blocks() {
        assert_eq!(differences(&module, name, fields, size), Vec::<String>::new());
        walked += fields.len();
    }
    assert!(walked >= 60, "only {walked} fields were compared");
}

/// The text finder's layers are texts of their own: one for each size of weights and stride.
#[test]
fn the_layers_of_the_text_finder_are_valid() {
    for [side, stride] in [[3, 1], [3, 2], [1, 1], [1, 2]] {
        let text = layers::source(side, stride);
        let module = naga::front::wgsl::parse_str(&text).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&text)));
        Validator::new(ValidationFlags::all(), Capabilities::default()).validate(&module).unwrap();
        let (fields, size) = (layers::Convolution::FIELDS, size_of::<layers::Convolution>());
        assert_eq!((fields.len(), differences(&module, "Convolution", fields, size)), (12, vec![]));
        // WebGPU guarantees 16,384 bytes of workgroup memory.
        let layout = |v: &naga::GlobalVariable| module.types[v.ty].inner.size(module.to_ctx());
        let shared = module.global_variables.iter().filter(|(_, v)| v.space == AddressSpace::WorkGroup);
        let bytes: u32 = shared.map(|(_, v)| layout(v)).sum();
        assert!((512..=16384).contains(&bytes), "{bytes} bytes of workgroup memory");
    }
}

#[test]
fn shaders_that_stand_alone_are_valid() {
    let mut walked = 0;
    for (stem, text) in modules() {
        let module = naga::front::wgsl::parse_str(&text).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&text)));
        Validator::new(ValidationFlags::all(), Capabilities::default()).validate(&module).unwrap();
        assert!(module.entry_points.iter().all(|entry| entry.workgroup_size == [WORKGROUP, 1, 1]), "{stem}");
        if stem == "overlay" {
            let names: Vec<_> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
            assert_eq!(names, [overlay::PASS]);
            let size = size_of::<overlay::Stack>();
            assert_eq!(differences(&module, "Stack", overlay::Stack::FIELDS, size), Vec::<String>::new());
        }
        walked += 1;
    }
    assert!(walked >= 1, "{walked} modules");
}

#[test]
fn a_changed_block_would_be_noticed() {
    let altered = source().replacen("    columns: u32,\n    rows: u32,", "    rows: u32,\n    columns: u32,", 1);
    let module = naga::front::wgsl::parse_str(&altered).unwrap();
    assert_eq!(differences(&module, "Block", Block::FIELDS, size_of::<Block>()).len(), 2);
}

#[test]
fn every_shader_file_is_used() {
    let mut files: Vec<String> = std::fs::read_dir(root().join("shaders"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "wgsl"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut used: Vec<_> = SHADERS.iter().map(|(stem, _)| (*stem).to_owned()).collect();
    used.push("textnet".to_owned());
    used.extend(modules().iter().map(|(stem, _)| (*stem).to_owned()));
    files.sort_unstable();
    used.sort_unstable();
    assert_eq!((files.len(), &files), (18, &used));
}

#[test]
fn every_operation_has_a_shader_that_names_its_twin() {
    let exists = |path: &Path| path.is_file();
    let mut walked = 0;
    for (word, _, stem) in OPS {
        let twin = format!("src/pixel/{stem}.rs");
        assert!(exists(&root().join(&twin)), "{word} has no twin {twin}");
        let alone = modules().into_iter().find(|(name, _)| name == stem).map(|(_, text)| text);
        let fused = SHADERS.iter().find(|(name, _)| name == stem).map(|(_, text)| (*text).to_owned());
        let text = alone.or(fused).unwrap_or_else(|| panic!("{word} has no shader"));
        assert!(text.contains(&format!("Twin: {twin}")), "{stem}.wgsl does not name its twin");
        for heading in ["Formula", "From space, to space", "Edge cases", "Tolerance"] {
            assert!(text.contains(heading), "{stem}.wgsl does not tell its {heading}");
        }
        walked += 1;
    }
    assert!(walked >= 12, "only {walked} operations");
}
