// foreign LOG VKEY-FILE [WITNESS-VKEY]...: checks a log folder with Go's own packages for signed notes
// and transparency logs (golang.org/x/mod/sumdb), which know nothing of Hangu.
//
// Of each witness given, the checkpoint in witness/checkpoint must bear a good cosignature of type 04.
// From the bundles alone it makes the tree, compares its root with the signed checkpoint, and every
// hash tile that the size has with the file. Exit status: 0 good, 1 not.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // levels of a tile
const width = 1 << height

// hashes holds all stored hashes of the tree, made from the entries alone.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) (out []tlog.Hash, _ error) {
	for _, i := range indexes {
		out = append(out, h[i])
	}
	return out, nil
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Printf(format+"\n", values...)
	os.Exit(1)
}

// cosigner checks cosignatures of type 04, which x/mod does not know: u64 time and an Ed25519
// signature over "cosignature/v1\ntime <time>\n" and the note's text.
type cosigner struct {
	name string
	id   uint32
	pub  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }
func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.pub, append([]byte(head), text...), sig[8:])
}

// newCosigner reads a vkey: name, key id in hex, base64 of 04 and the key.
func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	if len(parts) != 3 {
		fail("witness: %q", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		fail("witness: not of type 04: %q", vkey)
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	id := binary.BigEndian.Uint32(digest[:])
	if fmt.Sprintf("%08x", id) != parts[1] {
		fail("witness: key id of %q", vkey)
	}
	return cosigner{parts[0], id, ed25519.PublicKey(key[1:])}
}

// cosigned checks that each witness has cosigned witness/checkpoint, and gives its size and root.
func cosigned(folder string, log note.Verifier, vkeys []string) (size int64, root tlog.Hash) {
	signed, err := os.ReadFile(filepath.Join(folder, "witness/checkpoint"))
	check(err)
	verifiers := []note.Verifier{log}
	for _, vkey := range vkeys {
		verifiers = append(verifiers, newCosigner(vkey))
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	check(err)
	if len(opened.Sigs) != len(verifiers) {
		fail("witness/checkpoint: %d of %d known lines", len(opened.Sigs), len(verifiers))
	}
	return head(opened.Text, log.Name())
}

// checkpoint opens the signed note and reads its three lines: tlog.ParseTree knows only sumdb's.
func checkpoint(folder, vkey string) (size int64, root tlog.Hash) {
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	return head(opened.Text, verifier.Name())
}

// head reads the three lines of a checkpoint's text.
func head(text, origin string) (size int64, root tlog.Hash) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		fail("checkpoint: %q", text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	octets, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	if len(octets) != tlog.HashSize {
		fail("checkpoint: root of %d bytes", len(octets))
	}
	copy(root[:], octets)
	return size, root
}

// path of a tile or bundle: x/mod's with its height and its "data" taken for tlog-tiles'.
func path(tile tlog.Tile) string {
	level := strconv.Itoa(tile.L)
	if tile.L < 0 {
		level = "entries"
	}
	number := strings.SplitN(tlog.Tile{H: height, L: 0, N: tile.N, W: tile.W}.Path(), "/", 4)[3]
	return "tile/" + level + "/" + number
}

// read gives a tile's bytes, and whether it is the full one in the place of a partial.
func read(folder string, tile tlog.Tile) ([]byte, bool) {
	octets, err := os.ReadFile(filepath.Join(folder, path(tile)))
	if err != nil && tile.W < width {
		tile.W = width
		octets, err = os.ReadFile(filepath.Join(folder, path(tile)))
		check(err)
		return octets, true
	}
	check(err)
	return octets, false
}

func entries(folder string, size int64) (tree hashes) {
	var index int64
	for first := int64(0); first < size; first += width {
		count := min(size-first, width)
		bundle, _ := read(folder, tlog.Tile{H: height, L: -1, N: first / width, W: int(count)})
		for i := int64(0); i < count; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				fail("entry %d: the bundle ends", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			stored, err := tlog.StoredHashes(index, bundle[2:end], tree)
			check(err)
			tree = append(tree, stored...)
			bundle = bundle[end:]
			index++
		}
	}
	return tree
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func main() {
	folder := os.Args[1]
	vkey, err := os.ReadFile(os.Args[2])
	check(err)
	size, root := checkpoint(folder, string(vkey))
	tree := entries(folder, size)
	computed, err := tlog.TreeHash(size, tree)
	check(err)
	if computed != root {
		fail("root: %v, signed is %v", computed, root)
	}
	if len(os.Args) > 3 {
		log, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
		check(err)
		seen, seenRoot := cosigned(folder, log, os.Args[3:])
		if seen > size {
			fail("witnesses saw size %d, the log has %d", seen, size)
		}
		prefix, err := tlog.TreeHash(seen, tree)
		check(err)
		if prefix != seenRoot {
			fail("witnesses saw root %v of size %d, the log has %v", seenRoot, seen, prefix)
		}
	}
	tiles := tlog.NewTiles(height, 0, size)
	for i, tile := range tiles {
		if i+1 < len(tiles) && tiles[i+1].L == tile.L && tiles[i+1].N == tile.N {
			continue // of the widths of one tile only the last belongs to this size
		}
		wanted, err := tlog.ReadTileData(tile, tree)
		check(err)
		found, whole := read(folder, tile)
		if whole && len(found) >= len(wanted) {
			found = found[:len(wanted)]
		}
		if !bytes.Equal(wanted, found) {
			fail("%s is wrong", path(tile))
		}
	}
	fmt.Printf("good: %d entries, root %v\n", size, root)
}
