// Adds up sales: tests/guests/README.md says what every language's `sales` does. Here with
// goroutines, channels, timers, maps and encoding/json, and, as `sales panic`, a panic.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

type sale struct {
	date, region, product string
	units, cents          uint64
}

type sum struct {
	name         string
	units, cents uint64
}

// What one source of lines came to: problems in the order of lines.
type reading struct {
	name     string
	sales    []sale
	problems []string
	err      error
}

func split(line string) []string {
	var fields []string
	var field strings.Builder
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"' && quoted && strings.HasPrefix(line[i+1:], `"`):
			field.WriteByte(c)
			i++
		case c == '"' && (quoted || field.Len() == 0):
			quoted = !quoted
		case c == ',' && !quoted:
			fields = append(fields, field.String())
			field.Reset()
		default:
			field.WriteByte(c)
		}
	}
	return append(fields, field.String())
}

func number(text string) (uint64, error) {
	if len(text) > 9 {
		return 0, errors.New("too long")
	}
	return strconv.ParseUint(text, 10, 64)
}

func centsOf(text string) (uint64, error) {
	whole, part, hasPart := strings.Cut(text, ".")
	cents, err := number(whole)
	if err != nil || !hasPart {
		return cents * 100, err
	}
	hundredths, err := number(part)
	if len(part) != 2 {
		err = errors.New("not two digits")
	}
	return cents*100 + hundredths, err
}

func parse(line string) (sale, error) {
	fields := split(line)
	if len(fields) != 5 {
		return sale{}, fmt.Errorf("has %d fields, not 5", len(fields))
	}
	if !isDate(fields[0]) {
		return sale{}, fmt.Errorf(`bad date "%s"`, fields[0])
	}
	units, err := number(fields[3])
	if err != nil {
		return sale{}, fmt.Errorf(`bad units "%s"`, fields[3])
	}
	cents, err := centsOf(fields[4])
	if err != nil {
		return sale{}, fmt.Errorf(`bad price "%s"`, fields[4])
	}
	return sale{fields[0], fields[1], fields[2], units, units * cents}, nil
}

// The form of a date only: the 30th of February is accepted.
func isDate(text string) bool {
	parts := strings.Split(text, "-")
	for i, part := range parts {
		if _, err := number(part); err != nil || i > 2 || len(part) != []int{4, 2, 2}[i] {
			return false
		}
	}
	return len(parts) == 3
}

func read(name string, from io.Reader) reading {
	result := reading{name: name}
	lines := bufio.NewScanner(from)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if number == 1 || line == "" {
			continue
		}
		if sale, err := parse(line); err != nil {
			result.problems = append(result.problems, fmt.Sprintf("%s:%d: %v", name, number, err))
		} else {
			result.sales = append(result.sales, sale)
		}
	}
	result.err = lines.Err()
	return result
}

type ledger struct {
	products, regions map[string]*sum
	sales, bad        int
	cents             uint64
	first, last       string
}

func newLedger() *ledger {
	return &ledger{products: map[string]*sum{}, regions: map[string]*sum{}, first: "9999-99-99", last: "0000-00-00"}
}

func (l *ledger) take(r reading) error {
	for _, problem := range r.problems {
		fmt.Fprintln(os.Stderr, problem)
	}
	l.bad += len(r.problems)
	for _, s := range r.sales {
		for _, place := range []struct {
			sums map[string]*sum
			name string
		}{{l.products, s.product}, {l.regions, s.region}} {
			if place.sums[place.name] == nil {
				place.sums[place.name] = &sum{name: place.name}
			}
			place.sums[place.name].units += s.units
			place.sums[place.name].cents += s.cents
		}
		l.sales++
		l.cents += s.cents
		l.first = min(l.first, s.date)
		l.last = max(l.last, s.date)
	}
	return r.err
}

func ordered(sums map[string]*sum, less func(a, b *sum) bool) []*sum {
	var all []*sum
	for _, s := range sums {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool { return less(all[i], all[j]) })
	return all
}

func byRevenue(a, b *sum) bool { return a.cents > b.cents || a.cents == b.cents && a.name < b.name }
func byName(a, b *sum) bool    { return a.name < b.name }

func money(cents uint64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func (l *ledger) printTable(title string, sums []*sum) {
	row := func(name, units, revenue, share string) {
		padding := strings.Repeat(" ", max(0, 24-utf8.RuneCountInString(name)))
		fmt.Printf("%s%s%8s%12s%8s\n", name, padding, units, revenue, share)
	}
	row(title, "units", "revenue", "share")
	for _, s := range sums {
		tenths := (s.cents*1000 + l.cents/2) / max(1, l.cents)
		row(s.name, fmt.Sprint(s.units), money(s.cents), fmt.Sprintf("%d.%d%%", tenths/10, tenths%10))
	}
}

type productJSON struct {
	Name    string `json:"name"`
	Units   uint64 `json:"units"`
	Revenue string `json:"revenue"`
}

func (l *ledger) summary(currency string) []byte {
	products := []productJSON{}
	for _, s := range ordered(l.products, byRevenue) {
		products = append(products, productJSON{s.name, s.units, money(s.cents)})
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Currency string        `json:"currency"`
		Sales    int           `json:"sales"`
		Bad      int           `json:"bad"`
		Revenue  string        `json:"revenue"`
		Products []productJSON `json:"products"`
	}{currency, l.sales, l.bad, money(l.cents), products})
	if err != nil {
		panic(err)
	}
	return text.Bytes()
}

func function() error {
	var parameters struct{ Csv, Currency *string }
	if err := json.NewDecoder(os.Stdin).Decode(&parameters); err != nil {
		return err
	}
	if parameters.Csv == nil {
		fmt.Println(`{"error":"no csv"}`)
		return nil
	}
	l := newLedger()
	if err := l.take(read("csv", strings.NewReader(*parameters.Csv))); err != nil {
		return err
	}
	currency := "EUR"
	if parameters.Currency != nil {
		currency = *parameters.Currency
	}
	_, err := os.Stdout.Write(l.summary(currency))
	return err
}

// One goroutine a file; the readings come back in any order.
func readDirectory(path string) ([]reading, error) {
	files, err := filepath.Glob(filepath.Join(path, "*.csv"))
	if err != nil {
		return nil, err
	}
	results := make(chan reading)
	var readers sync.WaitGroup
	for _, file := range files {
		readers.Add(1)
		go func() {
			defer readers.Done()
			text, err := os.Open(file)
			if err != nil {
				results <- reading{err: err}
				return
			}
			defer text.Close()
			time.Sleep(time.Millisecond)
			results <- read(filepath.Base(file), text)
		}()
	}
	go func() {
		readers.Wait()
		close(results)
	}()
	var readings []reading
	for result := range results {
		readings = append(readings, result)
	}
	sort.Slice(readings, func(i, j int) bool { return readings[i].name < readings[j].name })
	return readings, nil
}

func writeAndReadBack(directory string, summary []byte) error {
	path := filepath.Join(directory, "summary.json")
	if err := os.WriteFile(path+".new", summary, 0o644); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	hash := fnv.New64a()
	hash.Write(text)
	fmt.Printf("%s: %d bytes, fnv1a %016x\n", path, len(text), hash.Sum64())
	return nil
}

func command(input, output string) error {
	if _, err := os.ReadDir(input); err != nil {
		return err
	}
	readings, err := readDirectory(input)
	if err != nil {
		return err
	}
	l := newLedger()
	for _, reading := range append(readings, read("stdin", os.Stdin)) {
		if err := l.take(reading); err != nil {
			return err
		}
	}
	currency, isSet := os.LookupEnv("CURRENCY")
	if !isSet {
		currency = "EUR"
	}
	fmt.Printf("%d files, %d sales, %d bad lines, %s to %s, in %s\n",
		len(readings), l.sales, l.bad, l.first, l.last, currency)
	l.printTable("product", ordered(l.products, byRevenue))
	l.printTable("region", ordered(l.regions, byName))
	if err := writeAndReadBack(output, l.summary(currency)); err != nil {
		return err
	}
	if l.bad > 0 {
		os.Exit(3)
	}
	return nil
}

func main() {
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 0:
		err = function()
	case len(arguments) == 1 && arguments[0] == "panic":
		var none []int
		fmt.Println(none[len(arguments)])
	case len(arguments) == 2:
		err = command(arguments[0], arguments[1])
	default:
		fmt.Fprintln(os.Stderr, "usage: sales INPUT-DIRECTORY OUTPUT-DIRECTORY")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
