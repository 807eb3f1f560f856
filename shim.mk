# The shim of `whence trap --script`: built from C for x86-64, and committed, so that installing whence
# takes no compiler. `make shim` builds it; `make shim-check` fails when it does not match its source.
SHIM := src/whence/world/trap_shim
SHIM_FLAGS := -Os -static -nostdlib -nostartfiles -ffreestanding -fno-builtin -fno-stack-protector -fno-pie -no-pie \
  -fcf-protection=none -fno-asynchronous-unwind-tables -fomit-frame-pointer -mno-sse -mgeneral-regs-only \
  -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack -s -Wall -Wextra -Werror

.PHONY: shim shim-check

shim:
	gcc $(SHIM_FLAGS) $(SHIM).c -o $(SHIM).x86_64
	{ gcc --version | head -n 1; sha256sum $(SHIM).c $(SHIM).x86_64; } > $(SHIM).sum

# The digests always have to match. The same compiler must also give the same file.
shim-check:
	@tail -n +2 $(SHIM).sum | sha256sum --check --quiet || \
	  { echo "the shim does not match its source; try: make shim" >&2; exit 1; }
	@if [ "$$(gcc --version 2>/dev/null | head -n 1)" != "$$(head -n 1 $(SHIM).sum)" ] || [ "$$(uname -m)" != x86_64 ]; then \
	  echo "another compiler than that of the shim: only digests compared"; exit 0; fi; \
	built=$$(mktemp) && trap 'rm -f $$built' EXIT; \
	gcc $(SHIM_FLAGS) $(SHIM).c -o $$built && cmp $$built $(SHIM).x86_64 || \
	  { echo "the shim was not built from this source; try: make shim" >&2; exit 1; }
