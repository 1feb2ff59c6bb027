//! What stands where Vector would: a `vector` sink and a `vector` source that
//! speak the protocol over real sockets, and see the very bytes.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, BufMut, Bytes};
use prost::Message;
use rustls::HandshakeKind;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tonic::{
    Code, Request, Response, Status,
    body::Body,
    codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{Service, http, tokio_stream::wrappers::ReceiverStream},
    server::{NamedService, UnaryService},
    transport::{Channel, ClientTlsConfig, Endpoint, Server, ServerTlsConfig, server::TcpIncoming},
};

use crate::proto::{EventWrapper, PushEventsRequest};

/// Messages as the bytes they are. Not the codec of the protocol crate: a fault
/// in that must not be on both sides of a test.
#[derive(Clone, Copy, Default)]
struct Bare;

impl Codec for Bare {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// The sending end.
#[derive(Clone)]
pub struct VectorSink {
    grpc: tonic::client::Grpc<Channel>,
}

impl VectorSink {
    pub fn new(address: &str) -> Self {
        Self::connect(Endpoint::from_shared(format!("http://{address}")).unwrap())
    }

    pub fn with_tls(address: &str, tls: ClientTlsConfig) -> Self {
        let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap();
        Self::connect(endpoint.tls_config(tls).unwrap())
    }

    fn connect(endpoint: Endpoint) -> Self {
        let channel = endpoint.connect_timeout(Duration::from_secs(5)).connect_lazy();
        Self { grpc: tonic::client::Grpc::new(channel).max_decoding_message_size(1 << 20) }
    }

    pub fn compressed(self, encoding: CompressionEncoding) -> Self {
        Self { grpc: self.grpc.send_compressed(encoding) }
    }

    pub async fn call(&self, path: &'static str, message: Vec<u8>) -> Result<Bytes, Status> {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = http::uri::PathAndQuery::from_static(path);
        Ok(grpc.unary(Request::new(Bytes::from(message)), path, Bare).await?.into_inner())
    }

    pub async fn push_bytes(&self, message: Vec<u8>) -> Result<(), Status> {
        self.call("/vector.Vector/PushEvents", message).await.map(drop)
    }

    pub async fn push(&self, events: Vec<EventWrapper>) -> Result<(), Status> {
        self.push_bytes(PushEventsRequest { events }.encode_to_vec()).await
    }
}

/// How a source answers.
#[derive(Clone, Copy, Debug, Default)]
pub enum Answer {
    #[default]
    Take,
    Refuse(Code),
    TakeAfter(Duration),
    /// Takes, and keeps nothing to look at.
    Discard,
}

#[derive(Default)]
struct State {
    answer: Mutex<Answer>,
    requests: Mutex<Vec<Bytes>>,
    encodings: Mutex<Vec<Option<String>>>,
}

/// The receiving end. Gone when dropped, with every connection: it has a
/// runtime of its own for that.
pub struct VectorSource {
    pub address: SocketAddr,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

impl VectorSource {
    pub async fn start() -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), None).await
    }

    pub async fn start_at(address: SocketAddr, tls: Option<ServerTlsConfig>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let listener = runtime.spawn(bind(address)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<State>::default();
        let mut server = Server::builder();
        if let Some(tls) = tls {
            server = server.tls_config(tls).unwrap();
        }
        let router = server.add_service(SourceService(Arc::clone(&state)));
        runtime.spawn(router.serve_with_incoming(TcpIncoming::from(listener)));
        Self { address, state, runtime: Some(runtime) }
    }

    /// A source whose TLS is as that of a Vector, which uses OpenSSL: it names no
    /// protocol, and where it asks for a certificate it ends the connection of who
    /// wants to go on with a session of before.
    pub async fn start_like_openssl(address: SocketAddr, tls: rustls::ServerConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let listener = runtime.spawn(bind(address)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<State>::default();
        let router = Server::builder().add_service(SourceService(Arc::clone(&state)));
        let (accepted, incoming) = mpsc::channel(1);
        runtime.spawn(accept_like_openssl(listener, Arc::new(tls), accepted));
        runtime.spawn(router.serve_with_incoming(ReceiverStream::new(incoming)));
        Self { address, state, runtime: Some(runtime) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn answer(&self, answer: Answer) {
        *self.state.answer.lock().unwrap() = answer;
    }

    pub fn requests(&self) -> Vec<Bytes> {
        self.state.requests.lock().unwrap().clone()
    }

    pub fn encodings(&self) -> Vec<Option<String>> {
        self.state.encodings.lock().unwrap().clone()
    }

    pub fn events(&self) -> Vec<EventWrapper> {
        let decode = |bytes: &Bytes| PushEventsRequest::decode(bytes.clone()).unwrap().events;
        self.requests().iter().flat_map(decode).collect()
    }
}

impl Drop for VectorSource {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept_like_openssl(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    accepted: mpsc::Sender<std::io::Result<TlsStream<TcpStream>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        if let Ok(stream) = TlsAcceptor::from(Arc::clone(&tls)).accept(stream).await
            && stream.get_ref().1.handshake_kind() != Some(HandshakeKind::Resumed)
        {
            accepted.send(Ok(stream)).await.unwrap();
        }
    }
}

/// A port that was just in use may take a moment.
async fn bind(address: SocketAddr) -> TcpListener {
    for _ in 0..100 {
        if let Ok(listener) = TcpListener::bind(address).await {
            return listener;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("cannot listen on {address}");
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[derive(Clone)]
struct SourceService(Arc<State>);

impl NamedService for SourceService {
    const NAME: &'static str = "vector.Vector";
}

impl Service<http::Request<Body>> for SourceService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Boxed<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let state = Arc::clone(&self.0);
        let mut grpc = tonic::server::Grpc::new(Bare)
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd)
            .max_decoding_message_size(256 << 20);
        Box::pin(async move {
            let encoding = request.headers().get("grpc-encoding");
            let encoding = encoding.map(|value| value.to_str().unwrap().to_owned());
            match request.uri().path() {
                "/vector.Vector/PushEvents" => {
                    state.encodings.lock().unwrap().push(encoding);
                    Ok(grpc.unary(Take(state), request).await)
                }
                "/vector.Vector/HealthCheck" => Ok(grpc.unary(Healthy, request).await),
                _ => Ok(Status::unimplemented("no such method").into_http()),
            }
        })
    }
}

struct Take(Arc<State>);

impl UnaryService<Bytes> for Take {
    type Response = Bytes;
    type Future = Boxed<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let state = Arc::clone(&self.0);
        let answer = *state.answer.lock().unwrap();
        Box::pin(async move {
            match answer {
                Answer::Take => {}
                Answer::Discard => return Ok(Response::new(Bytes::new())),
                Answer::Refuse(code) => return Err(Status::new(code, "refused")),
                Answer::TakeAfter(time) => tokio::time::sleep(time).await,
            }
            state.requests.lock().unwrap().push(request.into_inner());
            Ok(Response::new(Bytes::new()))
        })
    }
}

struct Healthy;

impl UnaryService<Bytes> for Healthy {
    type Response = Bytes;
    type Future = std::future::Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        std::future::ready(Ok(Response::new(Bytes::new())))
    }
}
