// foreign LOG VKEY-FILE: checks a log folder with Go's own packages for signed notes and
// transparency logs (golang.org/x/mod/sumdb), which know nothing of Hangu.
//
// From the bundles alone it makes the tree, compares its root with the signed checkpoint, and every
// hash tile that the size has with the file. Exit status: 0 good, 1 not.
package main

import (
	"bytes"
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

// checkpoint opens the signed note and reads its three lines: tlog.ParseTree knows only sumdb's.
func checkpoint(folder, vkey string) (size int64, root tlog.Hash) {
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		fail("checkpoint: %q", opened.Text)
	}
	size, err = strconv.ParseInt(lines[1], 10, 64)
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
