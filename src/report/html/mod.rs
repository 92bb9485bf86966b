//! One HTML file that works from a disk, without a network: overview, filters, every case with its steps, findings,
//! sequence diagram, exchanges and curl lines, and every requirement with how it stands.
//!
//! The page's own script and style are the files in `page/`; its policy allows these by their hashes and nothing
//! else. Data stands in `<script type="application/json">` blocks, one for the lists and one for each case, which is
//! parsed only when the case is opened; in them every `<` is written `\u003c`, so nothing ends a block early. The
//! script makes elements and text nodes and never parses markup. Without it, summary and failures can still be read.
//!
//! A page of a run that goes on (`live.rs`, served by the room's `live_page.rs`) has the same lists, style and script, but
//! asks for what it does not have, and gives way to the file's own page when the run is over.
//!
//! A page that a browser still opens has its limits (`told.rs`): of a run of very many cases, only the worst are told in
//! full, and the page says so.
//!
//! Adding something to a case: a member in `detail.rs`, shown in `page/case.js`; to the lists: `index.rs`.

mod deciding;
mod detail;
mod dialogue;
mod index;
mod live;
mod script_data;
mod still;
mod threats;
mod told;
mod writer;

pub(super) use live::{Live, case, over, state};
pub(super) use still::escaped;
pub(super) use writer::{policy, style, write, write_live};
