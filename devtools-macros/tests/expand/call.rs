fn caller() {
    {
        #[allow(unused_imports, reason = "a call without arguments passes none")]
        use devtools_runtime::__private::Pass as _;
        let peer = &rpc;
        let function = {
            use devtools_runtime::__private::{
                AtMostOne as _, Lookup, Named, Several as _, Through, id, is_named,
                through,
            };
            #[diagnostic::on_unimplemented(
                message = "there is no function `my-plugin:read-file` in `{Self}`",
                label = "no function of this name in the list",
                note = "the functions of the list: {Listed}"
            )]
            trait HasMyPluginReadFile<Listed, Position>: ::core::marker::Sized {
                type Function: Named;
                fn find(through: Through<'_, Self, Listed>) -> Self::Function {
                    const {
                        is_named("my-plugin:read-file", <Self::Function as Named>::NAME)
                    };
                    through.function()
                }
            }
            #[diagnostic::do_not_recommend]
            impl<List, Listed, Position> HasMyPluginReadFile<Listed, Position> for List
            where
                List: Lookup<{ id("my-plugin:read-file") }, Position>,
                List::Function: Named,
            {
                type Function = List::Function;
            }
            let through = through(peer);
            through.name::<{ id("my-plugin:read-file") }>().only();
            HasMyPluginReadFile::find(through)
        };
        function.call(function.p0().pass(path), function.p1().pass(None))
    }
}
