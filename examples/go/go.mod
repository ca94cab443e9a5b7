module example.org/xnatarchive

go 1.21
