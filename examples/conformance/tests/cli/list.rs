//! Tests of `list`: the functions of the program, or of a running server.

use serde_json::{Value, json};

use crate::{Running, run};

#[tokio::test]
async fn it_lists_the_functions_for_people() {
    let ended = run(&["list"]).await;
    assert_eq!((ended.status, &*ended.err), (Some(0), ""));
    assert!(!ended.out.contains('\x1b'), "{:?}", ended.out);
    let lines: Vec<_> = ended.out.lines().collect();
    let columns = |line: &str| -> Vec<String> {
        let columns = line.split("  ").map(str::trim);
        let columns = columns.filter(|column| !column.is_empty());
        columns.map(str::to_owned).collect()
    };
    assert_eq!(
        columns(lines[0]),
        ["NAME", "KIND", "PARAMETERS", "DESCRIPTION"]
    );
    let line = |name: &str| {
        let line = lines
            .iter()
            .find(|line| line.starts_with(&format!("{name} ")));
        columns(line.unwrap_or_else(|| panic!("{name} in {}", ended.out)))
    };
    assert_eq!(
        line("conformance:get-module"),
        [
            "conformance:get-module",
            "query",
            "id, options?",
            "Returns a module by its id, with its source on request.",
        ]
    );
    assert_eq!(line("conformance:client-event")[1], "event (client)");
    let names: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.is_sorted(), "{names:?}");
    assert!(
        names.iter().all(|name| name.starts_with("conformance:")),
        "{names:?}"
    );

    let all = run(&["list", "--all"]).await;
    assert!(
        all.out.contains("\ndevframe:rpc:server-state:get "),
        "{}",
        all.out
    );
}

#[tokio::test]
async fn it_lists_them_for_programs_alike_in_process_and_of_a_server() {
    let here = run(&["list", "--json"]).await;
    let server = Running::start(&["dev", "--port", "0"]).await;
    let there = run(&["list", "--json", "--url", &server.url]).await;
    assert_eq!((there.status, &*there.err), (Some(0), ""));
    assert_eq!(there.out, here.out);
    server.end("TERM").await;

    let functions: Vec<Value> = serde_json::from_str(&here.out).unwrap();
    let function = |name: &str| {
        let found = functions.iter().find(|function| function["name"] == name);
        found.unwrap().clone()
    };
    let mut get_module = function("conformance:get-module");
    assert!(
        get_module["line"]
            .take()
            .as_u64()
            .is_some_and(|line| line > 1)
    );
    let schema = get_module["schema"].take();
    assert_eq!(schema["arguments"][0]["type"], "string", "{schema}");
    assert_eq!(
        get_module,
        json!({
            "name": "conformance:get-module",
            "type": "query",
            "side": "server",
            "encoding": "json",
            "description": "Returns a module by its id, with its source on request.",
            "parameters": [
                { "name": "id", "optional": false },
                { "name": "options", "optional": true },
            ],
            "schema": null,
            "cacheable": false,
            "snapshot": false,
            "dump": true,
            "setup": false,
            "agent": { "safety": "read" },
            "file": "examples/conformance/src/modules.rs",
            "line": null,
            "package": "conformance",
        })
    );
    assert_eq!(function("conformance:client-event")["side"], "client");
    assert_eq!(function("conformance:snapshot")["snapshot"], true);
    assert_eq!(function("conformance:get-info")["setup"], true);
    assert_eq!(
        function("conformance:echo-clone")["encoding"],
        "structured-clone"
    );
}

#[tokio::test]
async fn a_dump_says_which_functions_it_has_and_those_can_be_called() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let dist = dist.to_str().unwrap();
    run(&["build", "--out", dist]).await;
    for url in [dist.to_owned(), format!("file://{dist}/")] {
        let listed = run(&["list", "--json", "--url", &url]).await;
        assert_eq!((listed.status, &*listed.err), (Some(0), ""));
        let functions: Vec<Value> = serde_json::from_str(&listed.out).unwrap();
        let names: Vec<_> = functions
            .iter()
            .map(|function| function["name"].as_str().unwrap())
            .collect();
        assert!(names.is_sorted() && !names.is_empty(), "{names:?}");
        for function in &functions {
            let name = function["name"].as_str().unwrap();
            let called = run(&["call", "--url", &url, name]).await;
            // A function with required arguments has no record without them.
            assert!(
                !called.err.contains("no function"),
                "{name}: {}",
                called.err
            );
        }
        let table = run(&["list", "--url", &url]).await;
        assert!(table.out.contains(names[0]), "{}", table.out);
        let misspelt = &names[0][..names[0].len() - 1];
        let unknown = run(&["call", "--url", &url, misspelt]).await;
        let expected = format!("error: there is no function named `{misspelt}`: did you mean ");
        assert!(unknown.err.starts_with(&expected), "{}", unknown.err);
        assert!(unknown.err.contains(names[0]), "{}", unknown.err);
    }
}
