// Checks a published log from its folder by Go's own code for such logs (golang.org/x/mod/sumdb), which shares no line
// with ours: the checkpoint's signature, every entry's inclusion, and that the tree grew from half its size.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// Files are read where C2SP's tlog-tiles puts them: without the height that Go's paths begin with.
type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (f folder) entries(size int64) [][]byte {
	var found [][]byte
	for start := int64(0); start < size; start += 1 << height {
		tile := tlog.Tile{H: height, L: -1, N: start >> height, W: int(min(size-start, 1<<height))}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data", height), "tile/entries", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		check(err)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
	}
	return found
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	here := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	text, err := os.ReadFile(filepath.Join(string(here), "checkpoint"))
	check(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatal("the checkpoint is another log's")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	var head tlog.Tree
	head.N = size
	copy(head.Hash[:], root)
	reader := tlog.TileHashReader(head, here)

	entries := here.entries(size)
	if int64(len(entries)) != size {
		log.Fatalf("%d entries of %d", len(entries), size)
	}
	for index, entry := range entries {
		proof, err := tlog.ProveRecord(size, int64(index), reader)
		check(err)
		check(tlog.CheckRecord(proof, size, head.Hash, int64(index), tlog.RecordHash(entry)))
	}
	half, err := tlog.TreeHash(size/2, reader)
	check(err)
	growth, err := tlog.ProveTree(size, size/2, reader)
	check(err)
	check(tlog.CheckTree(growth, size, head.Hash, size/2, half))
	fmt.Println(size)
}
