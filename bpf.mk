# The eBPF object of the connection sensor: built from C, and committed, so that installing whence
# takes no compiler. `make bpf` builds it; `make bpf-check` fails when it does not match its source.
#   apt-get install clang llvm libbpf-dev
# The object depends neither on the running kernel nor on its architecture's registers: CO-RE
# relocations are applied when it is loaded. Byte order is that of the build: little endian.

BPF_DIR := src/whence/sensors
BPF_SOURCES := $(BPF_DIR)/connections.bpf.c $(BPF_DIR)/kernel_types.h
BPF_OBJECT := $(BPF_DIR)/connections.bpf.o
BPF_RECORD := $(BPF_DIR)/connections.bpf.sum
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
LLVM_OBJDUMP ?= llvm-objdump
BPF_FLAGS := -O2 -g -target bpfel -mcpu=v2 -fdebug-compilation-dir=. \
  -I/usr/include/$(shell uname -m)-linux-gnu -Wall -Wextra -Wno-unused-parameter -Werror

# $(1): the object to write. Without DWARF, with BTF.
define bpf_build
$(CLANG) $(BPF_FLAGS) -c $(BPF_DIR)/connections.bpf.c -o $(1) && $(LLVM_STRIP) -g $(1)
endef

# What the record says: the compiler, and the digests of sources and object.
define bpf_record
{ $(CLANG) --version | head -n 1; sha256sum $(BPF_SOURCES) $(BPF_OBJECT); }
endef

.PHONY: bpf bpf-check

bpf:
	$(call bpf_build,$(BPF_OBJECT))
	$(bpf_record) > $(BPF_RECORD)

# The digests always have to match. The same compiler must also give the same instructions.
bpf-check:
	@tail -n +2 $(BPF_RECORD) | sha256sum --check --quiet || \
	  { echo "the eBPF object does not match its source; try: make bpf" >&2; exit 1; }
	@command -v $(CLANG) > /dev/null || { echo "no $(CLANG): only digests compared"; exit 0; }; \
	if [ "$$($(CLANG) --version | head -n 1)" != "$$(head -n 1 $(BPF_RECORD))" ]; then \
	  echo "another compiler than that of the object: only digests compared"; exit 0; fi; \
	built=$$(mktemp --suffix=.o) && trap 'rm -f $$built' EXIT; \
	$(call bpf_build,$$built) || exit 1; \
	diff <($(LLVM_OBJDUMP) -d -r $(BPF_OBJECT) | tail -n +3) \
	     <($(LLVM_OBJDUMP) -d -r $$built | tail -n +3) > /dev/null || \
	  { echo "the eBPF object was not built from this source; try: make bpf" >&2; exit 1; }
