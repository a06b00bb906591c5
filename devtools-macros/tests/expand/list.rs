/// Everything this plugin serves.
///
/// The functions of the list:
///
/// - [`GetInfo`]
/// - `fs::ReadFile`
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    rustdoc::private_intra_doc_links,
    reason = "it is a name, and never built"
)]
pub struct MyPluginFunctions {
    never: ::core::convert::Infallible,
}
#[automatically_derived]
impl devtools_runtime::FunctionList for MyPluginFunctions {
    type Itself = Self;
    fn definitions() -> devtools_runtime::__private::Vec<
        devtools_runtime::FunctionDefinition,
    > {
        devtools_runtime::__private::definitions(
            &[<GetInfo>::definition, #[cfg(unix)] <fs::ReadFile>::definition],
        )
    }
}
#[automatically_derived]
impl devtools_runtime::__private::Contents<(GetInfo,)> for MyPluginFunctions {}
#[automatically_derived]
impl devtools_runtime::__private::Lookup<
    { devtools_runtime::__private::id_of::<GetInfo>() },
    devtools_runtime::__private::At<0, GetInfo>,
> for MyPluginFunctions {
    type Function = devtools_runtime::__private::BoundFunctionOf<
        GetInfo,
        { devtools_runtime::__private::is_event::<GetInfo>() },
    >;
}
#[cfg(unix)]
#[automatically_derived]
impl devtools_runtime::__private::Lookup<
    { devtools_runtime::__private::id_of::<fs::ReadFile>() },
    devtools_runtime::__private::At<1, fs::ReadFile>,
> for MyPluginFunctions {
    type Function = devtools_runtime::__private::BoundFunctionOf<
        fs::ReadFile,
        { devtools_runtime::__private::is_event::<fs::ReadFile>() },
    >;
}
const _: () = {
    use devtools_runtime::__private::{distinct, entry};
    const LIST: &[devtools_runtime::__private::ListedFunction] = &[
        entry::<GetInfo>(0, "GetInfo"),
        #[cfg(unix)]
        entry::<fs::ReadFile>(1, "fs::ReadFile"),
    ];
    distinct(LIST, 0);
    #[cfg(unix)] distinct(LIST, 1);
};
