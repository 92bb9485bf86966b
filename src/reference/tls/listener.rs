use std::io::{self, Cursor};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Chain, Join};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use super::certificate::{Certificate, TlsError};
use super::hello::ClientHello;
use crate::reference::defect::DefectSet;
use crate::reference::steps::handshake::{Greeting, Manner, greet};

/// How long a client may take over its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A connection whose first bytes have been read already.
type Begun = Join<Chain<Cursor<Vec<u8>>, OwnedReadHalf>, OwnedWriteHalf>;

/// Listens for TLS. Handshakes go on beside each other, so that a client which never finishes its own
/// keeps nobody waiting.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    ways: Arc<Ways>,
    handshakes: JoinSet<Option<(TlsStream<Begun>, SocketAddr)>>,
}

/// In which ways handshakes go on, and which of them.
struct Ways {
    defects: DefectSet,
    /// One for each manner, the sound one first.
    configurations: [(Manner, Arc<ServerConfig>); 4],
}

impl TlsListener {
    pub(crate) fn new(
        tcp: TcpListener,
        certificate: &Certificate,
        defects: DefectSet,
    ) -> Result<Self, TlsError> {
        let made = |manner| Ok::<_, TlsError>((manner, certificate.configuration(manner)?));
        let configurations = [
            made(Manner::Sound)?,
            made(Manner::Tls12Alone)?,
            made(Manner::OtherName)?,
            made(Manner::Expired)?,
        ];
        let ways = Arc::new(Ways { defects, configurations });
        Ok(Self { tcp, ways, handshakes: JoinSet::new() })
    }
}

impl Ways {
    /// Takes a connection to the end of its handshake.
    async fn go(&self, mut stream: TcpStream) -> Option<TlsStream<Begun>> {
        let first = first_record(&mut stream).await.ok()?;
        let manner = match greet(&self.defects, ClientHello::read(&first).as_ref()) {
            Greeting::GoOn(manner) => manner,
            Greeting::Say(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.shutdown().await.ok()?;
                return None;
            }
        };
        let (_, configuration) = self.configurations.iter().find(|(known, _)| *known == manner)?;
        let (read, write) = stream.into_split();
        let begun = tokio::io::join(Cursor::new(first).chain(read), write);
        TlsAcceptor::from(Arc::clone(configuration)).accept(begun).await.ok()
    }
}

/// The first record, whole, or as far as it goes before it is none.
async fn first_record(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut record = vec![0; 1];
    stream.read_exact(&mut record).await?;
    if record[0] != 22 {
        return Ok(record);
    }
    record.resize(5, 0);
    stream.read_exact(&mut record[1..]).await?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    stream.read_exact(&mut record[5..]).await?;
    Ok(record)
}

impl Listener for TlsListener {
    type Io = TlsStream<Begun>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.tcp) => {
                    let _ = stream.set_nodelay(true);
                    let ways = Arc::clone(&self.ways);
                    self.handshakes.spawn(async move {
                        let handshake = tokio::time::timeout(HANDSHAKE, ways.go(stream));
                        Some((handshake.await.ok()??, address))
                    });
                }
                // A failed handshake concerns only the client that failed it.
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
