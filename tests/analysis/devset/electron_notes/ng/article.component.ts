import { Component, ElementRef, OnInit, ViewChild } from '@angular/core';
import { ActivatedRoute } from '@angular/router';
import { DomSanitizer, SafeHtml } from '@angular/platform-browser';

@Component({
  selector: 'app-article',
  template: `<div [innerHTML]="body"></div><div #side></div>`,
})
export class ArticleComponent implements OnInit {
  body: SafeHtml = '';
  plain = '';
  @ViewChild('side') side!: ElementRef;

  constructor(private route: ActivatedRoute, private sanitizer: DomSanitizer) {}

  ngOnInit(): void {
    this.route.queryParams.subscribe((params) => {
      this.body = this.sanitizer.bypassSecurityTrustHtml(params['body']);
      this.plain = params['body'];
    });
    const note = this.route.snapshot.queryParamMap.get('note') ?? '';
    this.side.nativeElement.innerHTML = note;
  }
}
