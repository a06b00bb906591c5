//! Functions: `#[rpc_function]`.

pub mod aliases;
pub mod arguments;
// It has forms that rustfmt would change.
#[rustfmt::skip]
pub mod attribute_forms;
pub mod bodies;
pub mod borrows_across_await;
pub mod by_cfg_attr;
pub mod conditional;
pub mod crates_shadowed;
pub mod declarations;
pub mod error_types;
pub mod from_macro_rules;
pub mod hygiene;
pub mod many_parameters;
pub mod names_of_parameters;
pub mod nested_types;
pub mod nullable_parameters;
pub mod options;
pub mod other_attributes;
pub mod parameters;
pub mod places;
pub mod prelude_shadowed;
pub mod qualifiers;
pub mod raw_names;
pub mod role_and_layer;
pub mod rules;
pub mod runtime_elsewhere;
pub mod setups;
pub mod strict_lints;
pub mod types_like_ours;
pub mod visibilities;
