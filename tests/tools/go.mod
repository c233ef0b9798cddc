// The tools that tests call; `make tools` builds them.
module matins/tests/tools

go 1.25.8

tool github.com/moov-io/ach/cmd/achcli

require (
	github.com/igrmk/treemap/v2 v2.0.1 // indirect
	github.com/juju/ansiterm v1.0.0 // indirect
	github.com/lunixbochs/vtclean v1.0.0 // indirect
	github.com/mattn/go-colorable v0.1.15 // indirect
	github.com/mattn/go-isatty v0.0.22 // indirect
	github.com/moov-io/ach v1.63.3 // indirect
	github.com/moov-io/base v0.63.0 // indirect
	github.com/moov-io/iso3166 v0.4.0 // indirect
	github.com/moov-io/iso4217 v0.4.0 // indirect
	github.com/rickar/cal/v2 v2.1.29 // indirect
	golang.org/x/exp v0.0.0-20260529124908-c761662dc8c9 // indirect
	golang.org/x/net v0.57.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)
