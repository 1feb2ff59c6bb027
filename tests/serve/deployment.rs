//! The image and the Kubernetes manifests: what they would run, run here.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use signatures_peers::{
    process, proto,
    vector::{VectorSink, VectorSource},
};
use tempfile::TempDir;

use crate::{
    message,
    process::{Relay, get_of},
};

/// The binary with the arguments of an image or a pod.
fn binary(folder: &TempDir, arguments: &[String]) -> Command {
    let mut command = process::command(env!("CARGO_BIN_EXE_vector-signatures"), folder.path());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_answers_on_the_port_that_it_exposes() {
    let dockerfile = fs::read_to_string(process::root().join("Dockerfile")).unwrap();
    let instruction = |name: &str| {
        let mut lines = dockerfile.lines().filter_map(|line| line.strip_prefix(name));
        lines.next_back().unwrap_or_else(|| panic!("no {name}")).trim()
    };
    let exposed = instruction("EXPOSE ");
    let mut arguments = texts(&serde_json::from_str(instruction("CMD ")).unwrap());
    // Any free port in place of that, or two tests could not run at a time.
    let listen = arguments.iter_mut().find(|text| text.ends_with(&format!(":{exposed}"))).unwrap();
    *listen = listen.replace(exposed, "0");

    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("config");
    fs::create_dir(&copied).unwrap();
    for file in fs::read_dir(process::root().join("config")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copied.join(file.file_name())).unwrap();
    }
    let source = VectorSource::start().await;
    let mut command = binary(&folder, &arguments);
    command.env("SIGNATURES_STATE_DIR", folder.path().join("state"));
    command.env("SIGNATURES_FORWARD", source.url()).env("SIGNATURES_STATUS", "127.0.0.1:0");
    let relay = Relay::attach(command.spawn().unwrap(), folder);
    let port = relay.listen.rsplit_once(':').unwrap().1;
    VectorSink::new(&format!("127.0.0.1:{port}")).push(vec![message("OOMKilled")]).await.unwrap();
    assert_eq!(source.events().len(), 1);
    assert_eq!(relay.get("/healthz").0, 200);
}

/// The documents of a manifest.
fn manifests(name: &str) -> Vec<Value> {
    let path = process::root().join("examples/kubernetes").join(name);
    serde_saphyr::from_multiple(&fs::read_to_string(path).unwrap()).unwrap()
}

fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> &'a Value {
    manifests.iter().find(|manifest| manifest["kind"] == kind).unwrap()
}

/// Writes the files of the pod's volumes to where they are mounted, below a folder,
/// and adapts what they say of files and ports.
fn mount(all: &[Value], pod: &Value, folder: &Path) {
    for mounted in pod["containers"][0]["volumeMounts"].as_array().unwrap() {
        let mut volumes = pod["volumes"].as_array().unwrap().iter();
        let volume = volumes.find(|volume| volume["name"] == mounted["name"]).unwrap();
        let source = [&volume["configMap"]["name"], &volume["secret"]["secretName"]];
        let Some(source) = source.into_iter().find(|name| name.is_string()) else { continue };
        let target = below(folder, mounted["mountPath"].as_str().unwrap());
        fs::create_dir_all(&target).unwrap();
        let holder = all.iter().find(|manifest| {
            manifest["metadata"]["name"] == *source
                && manifest["kind"] != "Deployment"
                && (manifest["data"].is_object() || manifest["stringData"].is_object())
        });
        let holder = holder.unwrap_or_else(|| panic!("nothing is named {source}"));
        for part in ["data", "stringData"] {
            for (name, text) in holder[part].as_object().into_iter().flatten() {
                fs::write(Path::new(&target).join(name), adapted(text, folder)).unwrap();
            }
        }
    }
}

/// A path inside of the container, as one below a folder.
fn below(folder: &Path, path: &str) -> String {
    format!("{}{path}", folder.display())
}

fn adapted(text: &Value, folder: &Path) -> String {
    let text = text.as_str().unwrap();
    let text = ["/etc/vector-signatures", "/var/lib/vector-signatures"]
        .into_iter()
        .fold(text.to_owned(), |text, path| text.replace(path, &below(folder, path)));
    text.replace("0.0.0.0:6100", "0.0.0.0:0").replace("0.0.0.0:6102", "0.0.0.0:0")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kubernetes_manifests_run_a_relay_that_their_probes_find_well() {
    let names = ["rules.yaml", "secret.yaml", "relay.yaml"];
    let all: Vec<_> = names.into_iter().flat_map(manifests).collect();
    let template = &of_kind(&all, "Deployment")["spec"]["template"];
    let pod = &template["spec"];
    let container = &pod["containers"][0];
    let folder = tempfile::tempdir().unwrap();
    mount(&all, pod, folder.path());
    fs::create_dir_all(below(folder.path(), "/var/lib/vector-signatures")).unwrap();

    let source = VectorSource::start().await;
    let arguments = container["args"].as_array().unwrap();
    let arguments: Vec<_> = arguments.iter().map(|text| adapted(text, folder.path())).collect();
    let mut command = binary(&folder, &arguments);
    command.env("SIGNATURES_FORWARD", source.url());
    let relay = Relay::attach(command.spawn().unwrap(), folder);
    let port = |address: &str| address.rsplit_once(':').unwrap().1.to_owned();
    let sink = VectorSink::new(&format!("127.0.0.1:{}", port(&relay.listen)));
    sink.push(vec![message("dial tcp 10.0.0.1:5432: connect: connection refused")]).await.unwrap();
    let event = source.events().remove(0);
    let signature = event.as_log().unwrap().fields.get("error_signature");
    assert_eq!(signature, Some(&proto::Value::text("CONNECTION_REFUSED")));

    let status = format!("127.0.0.1:{}", port(&relay.status));
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let asked = &container[probe]["httpGet"];
        assert_eq!(asked["port"], "status", "{probe}");
        let path = asked["path"].as_str().unwrap();
        // The kubelet asks by the pod's address, and has no token.
        assert_eq!(get_of(&status, "10.244.0.7:6102", path, ""), (200, "ok\n".to_owned()));
    }
    let scraped = template["metadata"]["annotations"]["prometheus.io/path"].as_str().unwrap();
    assert_eq!(get_of(&status, "10.244.0.7:6102", scraped, "").0, 200);
    let token = of_kind(&all, "Secret")["stringData"]["status-token"].as_str().unwrap();
    let header = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(get_of(&status, "10.244.0.7:6102", "/status", "").0, 401);
    assert_eq!(get_of(&status, "10.244.0.7:6102", "/status", &header).0, 200);
    assert!(relay.path("var/lib/vector-signatures/state").is_dir());
}

#[test]
fn the_kubernetes_manifests_agree_on_ports_and_names() {
    let relay = manifests("relay.yaml");
    let config = of_kind(&relay, "ConfigMap")["data"]["relay.yml"].as_str().unwrap();
    let config: Value = serde_saphyr::from_str(config).unwrap();
    let pod = &of_kind(&relay, "Deployment")["spec"]["template"];
    let service = &of_kind(&relay, "Service")["spec"];
    let ports = pod["spec"]["containers"][0]["ports"].as_array().unwrap();
    let port = |address: &Value| {
        address.as_str().unwrap().rsplit_once(':').unwrap().1.parse::<u64>().unwrap()
    };
    for (name, address) in [("vector", &config["listen"]), ("status", &config["status"]["address"])]
    {
        let container = ports.iter().find(|port| port["name"] == name).unwrap();
        assert_eq!(container["containerPort"], port(address));
        let mut served = service["ports"].as_array().unwrap().iter();
        let served = served.find(|served| served["name"] == name).unwrap();
        assert_eq!((&served["port"], &served["targetPort"]), (&port(address).into(), &name.into()));
    }
    let scraped = &pod["metadata"]["annotations"]["prometheus.io/port"];
    assert_eq!(scraped.as_str().unwrap(), port(&config["status"]["address"]).to_string());
    assert_eq!(service["selector"], pod["metadata"]["labels"]);

    let vector = manifests("vector.yaml");
    let named = |name: &str, file: &str| -> Value {
        let found = vector.iter().find(|manifest| manifest["metadata"]["name"] == name).unwrap();
        serde_saphyr::from_str(found["data"][file].as_str().unwrap()).unwrap()
    };
    let agent = named("vector-agent", "agent.yaml");
    let relay_port = port(&config["listen"]);
    assert_eq!(agent["sinks"]["signatures"]["address"], format!("http://signatures:{relay_port}"));
    let aggregator = named("vector-aggregator", "aggregator.yaml");
    assert_eq!(port(&config["forward"]["url"]), port(&aggregator["sources"]["tagged"]["address"]));
}
